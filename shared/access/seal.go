package access

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"strings"

	"sence.gob.cl/gestor/shared/fault"
)

// sealed begins what Seal made, and says how.
const sealed = "k1."

// minKey is the shortest secret taken, in bytes.
const minKey = 32

// Seal gives a form of a text that only this installation's secret opens, and only as what it is about: sealed keys of one
// account are not those of another. Equal texts have different forms.
func (k *Keeper) Seal(ctx context.Context, about string, plain []byte) (string, error) {
	const op = "access.Seal"
	box, err := k.box(ctx, op)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, box.NonceSize())
	if _, err := io.ReadFull(k.cfg.Random, nonce); err != nil {
		return "", fault.New(fault.Transient, op, errors.New("no randomness"))
	}
	return sealed + base64.RawURLEncoding.EncodeToString(box.Seal(nonce, nonce, plain, []byte(about))), nil
}

// Open gives the text that Seal was given. What is not sealed, or is about something else, or was sealed with another secret
// is Permanent.
func (k *Keeper) Open(ctx context.Context, about, text string) ([]byte, error) {
	const op = "access.Open"
	box, err := k.box(ctx, op)
	if err != nil {
		return nil, err
	}
	body, is := strings.CutPrefix(text, sealed)
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if !is || err != nil || len(raw) < box.NonceSize() {
		return nil, fault.New(fault.Permanent, op, errors.New("not sealed"))
	}
	plain, err := box.Open(nil, raw[:box.NonceSize()], raw[box.NonceSize():], []byte(about))
	if err != nil {
		return nil, fault.New(fault.Permanent, op, errors.New("sealed with another secret, or about something else"))
	}
	return plain, nil
}

// box makes what seals, of a key that is derived from the secret for nothing but this.
func (k *Keeper) box(ctx context.Context, op string) (cipher.AEAD, error) {
	secret, err := k.cfg.Key(ctx)
	if err != nil {
		return nil, err
	}
	if len(secret) < minKey {
		return nil, fault.New(fault.Permanent, op, errors.New("the secret is too short"))
	}
	derive := hmac.New(sha256.New, secret)
	_, _ = derive.Write([]byte("gestor/keys"))
	block, err := aes.NewCipher(derive.Sum(nil))
	if err != nil {
		return nil, fault.New(fault.Permanent, op, err)
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fault.New(fault.Permanent, op, err)
	}
	return box, nil
}
