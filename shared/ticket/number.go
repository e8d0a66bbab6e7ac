package ticket

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"time"

	"sence.gob.cl/gestor/shared/rut"
)

// Number gives the public number of a case, RS-AAAA-NNNNNNN-D: AAAA the year in Chile, D the módulo 11 digit of the
// eleven before it. The seven digits come from the id, so no counter is written by everybody; a taken number (about one
// in five at two million cases a year) asks for the next attempt.
func Number(id string, year, attempt int) string {
	h := fnv.New32a()
	_, _ = fmt.Fprintf(h, "%s/%d", id, attempt)
	serial := int(h.Sum32() % 10_000_000)
	return fmt.Sprintf("RS-%04d-%07d-%s", year, serial, rut.CheckDigit(year*10_000_000+serial))
}

// crockford is the alphabet of ids: no I, L, O, U, so that none is misread.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewID makes a case id: 48 bits of time, so that text order is time order, and 80 random bits from entropy, so that
// nobody guesses one.
func NewID(now time.Time, entropy [10]byte) string {
	stamp := binary.BigEndian.AppendUint64(nil, uint64(max(now.UnixMilli(), 0))) //nolint:gosec // not negative
	raw := append(stamp[2:], entropy[:]...)
	out := make([]byte, 0, 26)
	bits, acc := 2, uint(0) // 128 bits make 26 letters of 5 with two bits of padding in front
	for _, b := range raw {
		acc = acc<<8 | uint(b)
		for bits += 8; bits >= 5; bits -= 5 {
			out = append(out, crockford[acc>>(bits-5)&31])
		}
	}
	return string(out)
}
