import './ui/tokens.css'
import './ui/base.css'
import { createApp } from 'vue'
import { follow } from './state/follow.js'
import { followSent } from './state/sent.js'
import { begin, followSession } from './state/session.js'
import { followToday } from './state/today.js'
import App from './ui/App.vue'

createApp(App).mount('#terminal')
follow()
followSession()
followSent()
followToday()
await begin()
