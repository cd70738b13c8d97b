import './ui/tokens.css'
import './ui/base.css'
import { createApp } from 'vue'
import { loadAccounts } from './state/account.js'
import { follow } from './state/follow.js'
import App from './ui/App.vue'

createApp(App).mount('#terminal')
follow()
void loadAccounts()
