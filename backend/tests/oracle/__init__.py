"""Trading and accounting written a second time, apart from the engine, as dull as possible."""
