package linkedin

// Plain lets the tests read a post's words.
func Plain(little string) string { return plain(little) }

// Escape lets the tests write a post's words.
func Escape(text string) string { return escape(text) }

// Reserved are the signs that could mean something.
const Reserved = reserved
