package dynamo

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// What was packed with the first dictionary must be readable for ever: these bytes were written once and stay.
func TestPacker_ReadsWhatIsStored(t *testing.T) {
	const stored = "01829708219ecedeae2138b318223ba1e7945a64b30fedaf54c8cd441e77b057aa05040000ffff"
	const want = `{"id":"01TICKET","state":"en_analisis","intent":{"final":"reclamo"},"excerpt":"¿y mi certificado?"}`
	raw, err := hex.DecodeString(stored)
	if err != nil {
		t.Fatal(err)
	}
	got, err := newPacker().unpack(raw)
	if err != nil || string(got) != want {
		t.Errorf("unpack = %q, %v", got, err)
	}
}

func TestPacker_RoundTrips(t *testing.T) {
	p := newPacker()
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{dictionary1, "", "\n", "\x00\x00\xff\xff", strings.Repeat("ñ", 5000)}))
	rapid.Check(t, func(t *rapid.T) {
		first, second := []byte(text.Draw(t, "first")+"."), []byte(text.Draw(t, "second"))
		alone, err := p.pack(second)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.unpack(alone); err != nil || !bytes.Equal(got, second) {
			t.Fatalf("unpack = %q, %v", got, err)
		}
		a, b, err := p.packPair(first, second)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.unpackFirst(a); err != nil || !bytes.Equal(got, first) {
			t.Fatalf("unpackFirst = %q, %v, want %q", got, err, first)
		}
		if got, err := p.unpackPair(a, b); err != nil || !bytes.Equal(got, append(first, second...)) {
			t.Fatalf("unpackPair = %q, %v", got, err)
		}
	})
}

func TestPacker_RefusesUnknownForms(t *testing.T) {
	p := newPacker()
	good, err := p.pack([]byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	for name, packed := range map[string][]byte{
		"nothing":             nil,
		"no body":             {packedWith1},
		"another dictionary":  append([]byte{2}, good[1:]...),
		"cut short":           good[:len(good)-1],
		"not deflated at all": append([]byte{packedWith1}, 0xff, 0xff, 0xff),
	} {
		if got, err := p.unpack(packed); err == nil {
			t.Errorf("%s: unpacked to %q", name, got)
		}
	}
}

func BenchmarkPackPair(b *testing.B) {
	p := newPacker()
	first, second := []byte(dictionary1[200:800]), []byte(dictionary1[100:1400])
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := p.packPair(first, second); err != nil {
			b.Fatal(err)
		}
	}
}
