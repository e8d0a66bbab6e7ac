package post

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// NormaliseForCompare gives the form in which two texts are compared: composed (NFC), each run of white space one space,
// none at the ends. A network gives a text back composed and with its spaces tidied, so the text as typed and the text as
// published are only the same in this form.
func NormaliseForCompare(text string) string {
	return strings.Join(strings.Fields(norm.NFC.String(text)), " ")
}

// Hash gives the SHA-256 of the normalised text, as 64 hexadecimal digits: what is kept of a text in order to find it
// again on the network without keeping the text.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(NormaliseForCompare(text)))
	return hex.EncodeToString(sum[:])
}
