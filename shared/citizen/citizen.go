// Package citizen is how a person is known to us: by a key that tells nothing, and by the sealed id under which a network
// carries an answer to them.
package citizen

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// sealed begins what Seal made; no network's id begins so.
const sealed = "s1."

// Secret is the fixed secret of this installation. It may never change while cases exist: every key is made with it.
type Secret struct {
	key  []byte
	seal cipher.AEAD
}

// minSecret is the shortest secret taken, in bytes.
const minSecret = 32

// Parse reads the secret from base64; shorter than 32 bytes is an error.
func Parse(text string) (Secret, error) {
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) < minSecret {
		return Secret{}, errors.New("citizen: the secret is not 32 bytes or more in base64")
	}
	return New(key)
}

// New makes the secret from its bytes. Sealing has a key of its own, derived from them.
func New(key []byte) (Secret, error) {
	if len(key) < minSecret {
		return Secret{}, errors.New("citizen: the secret is too short")
	}
	block, err := aes.NewCipher(mac(key, "gestor/seal"))
	if err != nil {
		return Secret{}, fmt.Errorf("citizen: %w", err)
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return Secret{}, fmt.Errorf("citizen: %w", err)
	}
	return Secret{key: key, seal: seal}, nil
}

// Key gives what stands for a text in keys: the first 16 bytes of its HMAC-SHA256, in base64 without padding.
func (s Secret) Key(text string) string {
	return base64.RawURLEncoding.EncodeToString(mac(s.key, text)[:16])
}

// Seal gives a form of an id that only this secret opens. Equal ids give equal forms, so that a step decided twice is the
// same step twice: the nonce is the id's own HMAC, and no two ids share one.
func (s Secret) Seal(id string) string {
	if id == "" {
		return ""
	}
	nonce := mac(s.key, "gestor/nonce\x00"+id)[:s.seal.NonceSize()]
	return sealed + base64.RawURLEncoding.EncodeToString(s.seal.Seal(nonce, nonce, []byte(id), nil))
}

// Open gives the id that Seal was given. What was never sealed is given back as it is.
func (s Secret) Open(text string) (string, error) {
	body, is := strings.CutPrefix(text, sealed)
	if !is {
		return text, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || len(raw) < s.seal.NonceSize() {
		return "", errors.New("citizen: not a sealed id")
	}
	id, err := s.seal.Open(nil, raw[:s.seal.NonceSize()], raw[s.seal.NonceSize():], nil)
	if err != nil {
		return "", errors.New("citizen: sealed with another secret")
	}
	return string(id), nil
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}
