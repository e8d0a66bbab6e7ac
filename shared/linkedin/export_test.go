package linkedin

// Plain lets the tests read a post's words.
func Plain(little string) string { return plain(little) }
