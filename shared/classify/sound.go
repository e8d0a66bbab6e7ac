package classify

// sound writes a normalized word as it sounds in Chile, so that it is the same word however it is spelt: s, c and z, b and v, ll
// and y, g and j before e and i, qu and k, a silent h. What it gives is not for people to read.
func sound(word string, to []byte) []byte {
	from := len(to)
	for i := 0; i < len(word); {
		c, taken := letter(word[i:])
		i += taken
		if c == 0 || len(to) > from && to[len(to)-1] == c && c != 'r' {
			continue
		}
		to = append(to, c)
	}
	return to
}

// letter gives the sound a word begins with, 0 for none, and how many bytes write it.
func letter(word string) (sound byte, taken int) {
	next, after := byte(0), byte(0)
	if len(word) > 1 {
		next = word[1]
	}
	if len(word) > 2 {
		after = word[2]
	}
	switch word[0] {
	case 'c':
		return hardOrSoft(next)
	case 'q':
		if next == 'u' { // of que and qui
			return 'k', 2
		}
		return 'k', 1
	case 'g':
		switch {
		case soft(next):
			return 'j', 1
		case next == 'u' && soft(after):
			return 'g', 2
		}
	case 'l':
		if next == 'l' {
			return 'y', 2
		}
	case 'z':
		return 's', 1
	case 'v':
		return 'b', 1
	case 'h':
		return 0, 1
	}
	return word[0], 1
}

// hardOrSoft is the sound of a c.
func hardOrSoft(next byte) (sound byte, taken int) {
	switch {
	case soft(next):
		return 's', 1
	case next == 'h':
		return 'x', 2 // one sound
	default:
		return 'k', 1
	}
}

// soft reports whether c and g sound otherwise before a letter.
func soft(c byte) bool { return c == 'e' || c == 'i' }
