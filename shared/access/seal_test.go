package access_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/access"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/fault"
)

func sealer(random io.Reader, key []byte) *access.Keeper {
	return access.New(access.Config{Random: random, Key: func(context.Context) ([]byte, error) { return key, nil }})
}

// What is sealed can be opened as what it is about, with the secret it was sealed with, unchanged; and not otherwise.
func TestSeal(t *testing.T) {
	key := bytes.Repeat([]byte{7}, 32)
	k := sealer(rand.Reader, key)
	for _, plain := range []string{"", "x", strings.Repeat("LLAVE-SECRETA ñ", 400)} {
		sealed, err := k.Seal(t.Context(), "x/100", []byte(plain))
		if err != nil {
			t.Fatal(err)
		}
		got, err := k.Open(t.Context(), "x/100", sealed)
		if err != nil || string(got) != plain {
			t.Errorf("opened %q, %v; want %q", got, err, plain)
		}
		if strings.Contains(sealed, "SECRETA") {
			t.Errorf("sealed %q", sealed)
		}
		again, err := k.Seal(t.Context(), "x/100", []byte(plain))
		if err != nil || again == sealed {
			t.Errorf("sealed twice alike (%v)", err)
		}
		other := bytes.Repeat([]byte{8}, 32)
		for name, open := range map[string]func() ([]byte, error){
			"about another account":       func() ([]byte, error) { return k.Open(t.Context(), "x/101", sealed) },
			"with another secret":         func() ([]byte, error) { return sealer(nil, other).Open(t.Context(), "x/100", sealed) },
			"without what it begins with": func() ([]byte, error) { return k.Open(t.Context(), "x/100", strings.TrimPrefix(sealed, "k1.")) },
			"cut short":                   func() ([]byte, error) { return k.Open(t.Context(), "x/100", sealed[:len(sealed)-2]) },
			"of nothing":                  func() ([]byte, error) { return k.Open(t.Context(), "x/100", "") },
			"of no length":                func() ([]byte, error) { return k.Open(t.Context(), "x/100", "k1.") },
		} {
			if got, err := open(); !fault.Is(err, fault.Permanent) || len(got) != 0 {
				t.Errorf("opened %s: %q, %v", name, got, err)
			}
		}
		for i := len("k1."); i < min(len(sealed), 80); i++ {
			turned := []byte(sealed)
			if turned[i]++; turned[i] > 'y' {
				turned[i] = 'A'
			}
			if got, err := k.Open(t.Context(), "x/100", string(turned)); err == nil && string(got) != plain {
				t.Errorf("letter %d changed: opened %q", i, got)
			}
		}
	}
	if _, err := sealer(bytes.NewReader([]byte("once")), key).Seal(t.Context(), "a", nil); !fault.Is(err, fault.Transient) {
		t.Errorf("without randomness: %v", err)
	}
	if _, err := sealer(rand.Reader, key[:31]).Seal(t.Context(), "a", nil); !fault.Is(err, fault.Permanent) {
		t.Errorf("with a short secret: %v", err)
	}
	down := errors.New("down")
	if _, err := access.New(access.Config{Key: func(context.Context) ([]byte, error) { return nil, down }}).Open(t.Context(), "a", "k1."); !errors.Is(err, down) {
		t.Errorf("without a secret: %v", err)
	}
}

// This was sealed once and stays readable.
func TestOpen_OfVersion1(t *testing.T) {
	k := sealer(bytes.NewReader([]byte("unico nonce.")), bytes.Repeat([]byte{7}, 32))
	const want = "k1.dW5pY28gbm9uY2Uu9mTbw7ArHZ4gbIjl1Yqm5lv3HOnH"
	if got, err := k.Seal(t.Context(), "x/100", []byte("LLAVE")); err != nil || got != want {
		t.Errorf("sealed %q, %v; want %q", got, err, want)
	}
	if got, err := k.Open(t.Context(), "x/100", want); err != nil || string(got) != "LLAVE" {
		t.Errorf("opened %q, %v", got, err)
	}
}

// Keys show nothing to whoever prints them.
func TestKeys_Hidden(t *testing.T) {
	tokens := channel.Tokens{Access: "SECRETA", Refresh: "SECRETA", Secret: "SECRETA"}
	key := channel.Access{Account: "1", Token: "SECRETA", Secret: "SECRETA"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		for _, v := range []any{tokens, &tokens, key, &key} {
			if text := fmt.Sprintf(verb, v); strings.Contains(text, "SECRETA") {
				t.Errorf("%s of %T shows %s", verb, v, text)
			}
		}
	}
}

// Whatever stands in the store, opening it neither fails badly nor gives what was never sealed.
func FuzzOpen(f *testing.F) {
	k := sealer(rand.Reader, bytes.Repeat([]byte{7}, 32))
	sealed, err := k.Seal(f.Context(), "x/100", []byte("LLAVE"))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{sealed, sealed[:20], "k1.", "", "k2." + sealed, "k1.===", sealed + "A"} {
		f.Add("x/100", seed)
	}
	f.Fuzz(func(t *testing.T, about, text string) {
		if got, err := k.Open(t.Context(), about, text); err == nil && (string(got) != "LLAVE" || about != "x/100") {
			t.Errorf("Open(%q, %q) = %q", about, text, got)
		}
	})
}
