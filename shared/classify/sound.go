package classify

// sound writes a normalized word as it sounds in Chile, so that it is the same word however it is spelt: s, c and z, b and v, ll
// and y, g and j before e and i, qu and k, a silent h. What it gives is not for people to read.
func sound(word string, to []byte) []byte {
	from := len(to)
	for i := 0; i < len(word); i++ {
		next := byte(0)
		if i+1 < len(word) {
			next = word[i+1]
		}
		c := word[i]
		switch {
		case c == 'z', c == 'x' && i == 0, c == 'c' && soft(next):
			c = 's'
		case c == 'c' && next == 'h':
			to = append(to, 'x') // one sound
			i++
			continue
		case c == 'c' || c == 'q' && next != 'u':
			c = 'k'
		case c == 'q':
			c = 'k'
			i++ // the u of que and qui
		case c == 'g' && soft(next):
			c = 'j'
		case c == 'g' && next == 'u' && i+2 < len(word) && soft(word[i+2]):
			i++
		case c == 'v':
			c = 'b'
		case c == 'l' && next == 'l':
			c = 'y'
			i++
		case c == 'h':
			continue
		}
		if len(to) > from && to[len(to)-1] == c && c != 'r' {
			continue
		}
		to = append(to, c)
	}
	return to
}

// soft reports whether c and g sound otherwise before a letter.
func soft(c byte) bool { return c == 'e' || c == 'i' }
