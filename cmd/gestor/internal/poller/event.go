package poller

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"

	"sence.gob.cl/gestor/cmd/gestor/internal/lambda"
)

// marshal gives JSON without the escapes for HTML, which no AWS event carries.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// envelope makes the event that carries records, each JSON already.
func envelope(records [][]byte) []byte {
	var b bytes.Buffer
	b.WriteString(`{"Records":[`)
	b.Write(bytes.Join(records, []byte(",")))
	b.WriteString(`]}`)
	return b.Bytes()
}

// fit gives how many of count records, at most most, go into one event of at most lambda.MaxPayload bytes; size gives the
// bytes of each. A record that is too large alone still goes, to be refused there.
func fit(count, most int, size func(i int) int) int {
	n, total := 0, len(`{"Records":[]}`)
	for n < min(count, most) {
		total += size(n) + 1
		if n > 0 && total > lambda.MaxPayload {
			break
		}
		n++
	}
	return n
}

// newID makes an event id in the form of a UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails; see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
