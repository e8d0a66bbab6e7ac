package classify

import "bytes"

// secrets takes passwords: what is announced as one and holds a digit, or, further away, what looks like nothing else.
func (f *finder) secrets() {
	for i := 0; i < len(f.view); {
		if !isLetter(f.view[i]) {
			i++
			continue
		}
		end := f.wordAt(i)
		if labelOf(f.view[i:end]) == cueSecret {
			end = f.secret(end)
		}
		i = end
	}
}

// secret reads on from the word for a password and gives where it stopped.
func (f *finder) secret(i int) int {
	announced, near, cued := false, true, true
	for limit := min(len(f.view), i+120); i < limit; {
		switch c := f.view[i]; c {
		case ':', '=':
			announced, cued, i = true, true, i+1
			continue
		case ' ', '?', '~', '"', '\'', '(', ',', '.', ';', '!', ')', '[', ']':
			i++
			continue
		case taken, notOurs:
			return i
		}
		end := i
		for end < len(f.view) && f.view[end] != ' ' && f.view[end] != taken {
			end++
		}
		token := bytes.TrimRight(f.view[i:end], ".,:;!?)\"'")
		word := f.view[i:f.wordAt(i)]
		if labelOf(token) == cueSecret {
			return i
		}
		if len(word) < len(token) && isSecret(token, announced, near, cued) {
			f.take("clave", i, i+len(token))
			return i + len(token)
		}
		announced, near, cued = opens(token, announced, near)
		if colon := f.at(i + len(token)); colon == ':' || colon == '=' {
			announced, cued = announced || near, true
		}
		i = end
	}
	return i
}

// opens tells how a word between "clave" and a password changes what is expected.
func opens(word []byte, announced, near bool) (nowAnnounced, stillNear, cued bool) {
	switch string(word) {
	case "es", "era", "fue", "sera":
		return near || announced, near, true
	case "unica", "sence", "claveunica", "del", "de", "mi", "la", "que", "puse", "uso", "use", "nueva", "anterior", "actual", "a", "con", "segura",
		"provisoria", "temporal", "banco", "puesta", "ingreso", "cambie", "antigua", "vieja", "otec", "wifi", "correo", "siempre":
		return announced, near, near
	}
	return false, false, false
}

// isSecret decides on what is not only letters.
func isSecret(token []byte, announced, near, cued bool) bool {
	letters, digits := count(token)
	switch {
	case len(token) < 4 || len(token) > 40 || digits == 0 || token[0] == '[':
		return false
	case isNumberForm(token):
		return near && announced && digits == len(token) && digits <= 12
	case near:
		return letters > 0 || announced
	}
	// Further away: letters and then digits, and no code, link or address.
	return cued && letters >= 3 && digits >= 2 && isLetter(token[0]) && !bytes.ContainsAny(token, "/-")
}

// count gives how many letters and digits a token has.
func count(token []byte) (letters, digits int) {
	for _, b := range token {
		if isLetter(b) {
			letters++
		} else if isNumber(b) {
			digits++
		}
	}
	return letters, digits
}

// isNumberForm knows what numbers reads: digits with their marks and the k of a RUT.
func isNumberForm(token []byte) bool {
	for i, b := range token {
		if !isNumber(b) && b != '.' && b != '-' && b != ',' && (b != 'k' || i < len(token)-1) {
			return false
		}
	}
	return true
}
