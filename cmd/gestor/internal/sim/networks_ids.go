package sim

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Where the numbers of the other networks begin: Instagram's have 17 digits, those of X and LinkedIn 19. X's hold the
// time since 4-11-2010.
const (
	instagramBase   = 17_900_000_000_000_000
	instagramPerson = 6_500_000_000_000_000
	linkedinBase    = 7_200_000_000_000_000_000
	xPerson         = 1_700_000_000_000_000_000
	xEpoch          = 1_288_834_974_657
	xShift          = 22
)

// free gives the first number from n on that ends no id.
func (t *tx) free(n int64) string {
	for t.w.taken(n) {
		n++
	}
	return strconv.FormatInt(n, 10)
}

// number gives a new number of the network's form. It grows with the clock, as object's does.
func (t *tx) number(n network) string {
	since := t.now.UnixMilli() - epoch2020
	switch n.Name {
	case targetX:
		return t.free((t.now.UnixMilli()-xEpoch)<<xShift | int64(t.w.serial)&(1<<xShift-1))
	case targetLinkedIn:
		return t.free(linkedinBase + since*100_000 + int64(t.w.serial%100_000))
	}
	return t.free(instagramBase + since*1000 + int64(t.w.serial%1000))
}

// postIDOn gives a new id of a post.
func (t *tx) postIDOn(n network) string {
	if n.Name == targetLinkedIn {
		return "urn:li:activity:" + t.number(n)
	}
	return t.number(n)
}

// commentID gives a new id of a comment. LinkedIn's names the post, in the spelling with two URNs.
func (t *tx) commentID(n network, parent *item) string {
	if n.Name == targetLinkedIn {
		return "urn:li:comment:(" + parent.Thread + "," + t.number(n) + ")"
	}
	return t.number(n)
}

// messageID gives a new id of a direct message with a citizen.
func (t *tx) messageID(n network, citizen string) string {
	sum := sha256.Sum256([]byte(n.Name + citizen + strconv.Itoa(t.w.serial) + t.now.Format(time.RFC3339Nano)))
	switch n.Name {
	case targetX:
		return t.number(n)
	case targetWhatsApp:
		// The citizen's number is in it, as it is in real ones.
		head := append([]byte{0x1C, 0x18, byte(len(citizen))}, citizen...)
		unique := strings.ToUpper(hex.EncodeToString(sum[:10]))
		return "wamid." + base64.StdEncoding.EncodeToString(append(append(head, 0x15, 2, 0, 0x12, 0x18, byte(len(unique))), unique+"\x00"...))
	}
	return "aWdf" + base64.RawURLEncoding.EncodeToString(append(sum[:], sum[:]...))
}

// personID is the id our account sees for somebody: an id of the network's form as given, else always the same for the
// same word. Telephones come from a range nobody has (+56 9 00xx xxxx).
func (n network) personID(author string) string {
	word := strings.ToLower(strings.TrimSpace(author))
	sum := sha256.Sum256([]byte(word))
	h := binary.BigEndian.Uint64(sum[:8])
	number := digits(strings.TrimPrefix(word, "+"))
	switch n.Name {
	case targetLinkedIn:
		if strings.HasPrefix(author, "urn:li:") {
			return author
		}
		return "urn:li:person:" + token(word, 10)
	case targetWhatsApp:
		if plain := strings.TrimPrefix(word, "+"); number && len(plain) >= 8 && len(plain) <= 15 {
			return plain
		}
		return "56900" + strconv.FormatUint(100_000+h%900_000, 10)
	case targetX:
		if number && len(word) <= 19 {
			return word
		}
		return strconv.FormatUint(xPerson+h%100_000_000_000_000_000, 10)
	}
	if number && len(word) >= 5 && len(word) <= 20 {
		return word
	}
	return strconv.FormatUint(instagramPerson+h%personSpan, 10)
}

// What X and Instagram allow for the name of an account.
const (
	longestHandle          = 15
	longestInstagramHandle = 30
)

// handleOf makes the name of an account: letters without accents, digits and underscores.
func handleOf(name string, longest int) string {
	plain := strings.NewReplacer("á", "a", "é", "e", "í", "i", "ó", "o", "ú", "u", "ü", "u", "ñ", "n")
	out := strings.Map(func(r rune) rune {
		switch {
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_'):
			return r
		case r == ' ' || r == '.' || r == '-':
			return '_'
		}
		return -1
	}, plain.Replace(strings.ToLower(name)))
	if out == "" {
		out = "ficticia"
	}
	return out[:min(len(out), longest)]
}
