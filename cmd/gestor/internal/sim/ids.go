package sim

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
)

// Facebook's object ids have 18 digits today and its page-scoped ids of people 17: more than a float64 keeps.
const (
	objectBase = 122_000_000_000_000_000
	personBase = 24_000_000_000_000_000
	personSpan = 1_000_000_000_000_000
	epoch2020  = 1_577_836_800_000
)

// object gives a number no item has yet. It grows with the clock, so that a world begun anew in an empty folder does
// not repeat the ids of the one before, which our system would take for duplicates.
func (t *tx) object() string {
	n := objectBase + (t.now.UnixMilli()-epoch2020)*1000 + int64(t.w.serial%1000)
	for t.w.taken(n) {
		n++
	}
	return strconv.FormatInt(n, 10)
}

// taken reports whether a number ends the id of an item, as the second half of a post's or a comment's does.
func (w *world) taken(n int64) bool { return w.numbers[n] }

// lastNumber gives the digits an id ends with.
func lastNumber(id string) string {
	id = strings.TrimSuffix(id, ")")
	return id[strings.LastIndexFunc(id, func(r rune) bool { return r < '0' || r > '9' })+1:]
}

// tail is the part of an id after the underscore: what a comment's id begins with is the tail of its post's.
func tail(id string) string {
	if _, after, found := strings.Cut(id, "_"); found {
		return after
	}
	return id
}

// mid makes a message id of Messenger's form.
func (t *tx) mid(author string) string {
	seed := author + strconv.Itoa(t.w.serial) + t.now.Format(time.RFC3339Nano)
	a, b := sha256.Sum256([]byte("a"+seed)), sha256.Sum256([]byte("b"+seed))
	return "m_" + base64.RawURLEncoding.EncodeToString(append(a[:], b[:]...))
}

// scopedID is the id the page sees for somebody: digits as given, else always the same digits for the same word.
func scopedID(author string) string {
	if digits(author) && len(author) >= 5 && len(author) <= 20 {
		return author
	}
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(author))))
	return strconv.FormatUint(personBase+binary.BigEndian.Uint64(sum[:8])%personSpan, 10)
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// token is a short word without meaning, different for every seed.
func token(seed string, length int) string {
	sum := sha256.Sum256([]byte(seed))
	return base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding).EncodeToString(sum[:])[:length]
}
