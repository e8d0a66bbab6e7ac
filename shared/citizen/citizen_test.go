package citizen_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sence.gob.cl/gestor/shared/citizen"
)

func secret(t *testing.T, fill byte) citizen.Secret {
	t.Helper()
	s, err := citizen.New(bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A sealed id opens to itself, tells nothing of it, and is the same each time.
func TestSeal(t *testing.T) {
	s := secret(t, 7)
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringN(1, 80, 200).Draw(t, "id")
		sealed := s.Seal(id)
		got, err := s.Open(sealed)
		if err != nil || got != id {
			t.Fatalf("%q opens to %q, %v", sealed, got, err)
		}
		if len(id) > 3 && strings.Contains(sealed, id) {
			t.Fatalf("%q stands in %q", id, sealed)
		}
		if again := s.Seal(id); again != sealed {
			t.Fatalf("sealed twice: %q and %q", sealed, again)
		}
	})
	if s.Seal("56900000001") == s.Seal("56900000002") || s.Seal("") != "" {
		t.Error("two people have one form, or nobody has one")
	}
}

// What another secret sealed, or somebody altered, does not open; what was never sealed stays.
func TestOpen(t *testing.T) {
	s := secret(t, 7)
	sealed := s.Seal("56900000001")
	for name, text := range map[string]string{
		"another secret": secret(t, 8).Seal("56900000001"), "cut": sealed[:len(sealed)-4], "nothing in it": "s1.", "no base64": "s1.ñ",
		"altered": sealed[:8] + strings.Map(func(r rune) rune {
			if r == 'A' {
				return 'B'
			}
			return 'A'
		}, sealed[8:9]) + sealed[9:],
	} {
		if got, err := s.Open(text); err == nil {
			t.Errorf("%s opens to %q", name, got)
		}
	}
	if got, err := s.Open("122100000000000_1"); err != nil || got != "122100000000000_1" {
		t.Errorf("a plain id opens to %q, %v", got, err)
	}
}

// The keys of cases that exist must never change: this vector is their form.
func TestKey_Fixed(t *testing.T) {
	s, err := citizen.Parse(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	const want = "MU8hPHla1siFy7ixNM3gHA"
	if got := s.Key("facebook\x00877665544332211"); got != want {
		t.Errorf("key = %s", got)
	}
	for _, short := range []string{"", "AAAA", "no es base64", base64.StdEncoding.EncodeToString(make([]byte, 31))} {
		if _, err := citizen.Parse(short); err == nil {
			t.Errorf("%q is a secret", short)
		}
	}
}
