package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/rut"
)

// The model and its card in the repository are what the data give, byte for byte.
func TestTrained(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{"-check", "-data", "data", "-model", "../../shared/classify/modelo.bin", "-card", "../../docs/es/clasificador.md"}, &out, &errs); code != 0 {
		t.Fatalf("%s%s", out.String(), errs.String())
	}
	t.Log(out.String())
}

// A model that is not what the data give is noticed: a check that cannot fail proves nothing.
func TestTrained_Noticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "modelo.bin")
	if err := os.WriteFile(path, []byte("otra cosa"), 0o600); err != nil {
		t.Fatal(err)
	}
	if same(path, []byte("una cosa")) == nil || same(filepath.Join(t.TempDir(), "nada"), nil) == nil {
		t.Error("another model passes")
	}
}

func TestRun_Wrong(t *testing.T) {
	if code := run([]string{"-nada"}, io.Discard, io.Discard); code != 2 {
		t.Errorf("a wrong flag: %d", code)
	}
	if code := run([]string{"-data", t.TempDir()}, io.Discard, io.Discard); code != 1 {
		t.Errorf("no data: %d", code)
	}
}

// The data are what they say: as many as were promised, of voices that each do one thing, without a mention twice, and every RUT in
// them is of the range that nobody has.
func TestData(t *testing.T) {
	all, err := readAll("data", classify.NewWith(nil))
	if err != nil {
		t.Fatal(err)
	}
	splits, texts, hard := map[string]int{}, map[string]string{}, 0
	for _, e := range all.examples {
		splits[e.split]++
		text := classify.Normalize(e.in.Text)
		if first, twice := texts[text]; twice && e.voice != "semilla" && utf8.RuneCountInString(text) > 20 {
			t.Errorf("%s is %s again", e.id, first)
		}
		texts[text] = e.id
		if e.hard != "-" {
			hard++
		}
		for _, span := range classify.PII(e.in.Text) {
			if span.Type != "rut" {
				continue
			}
			said := string([]rune(e.in.Text)[span.Start:span.End])
			if n := bodyOf(said); rut.Valid(said) && (n < "30000000" || n > "49999999") {
				t.Errorf("%s: a RUT that somebody may have", e.id)
			}
		}
	}
	written := len(all.examples) - 300
	if written < 1500 || splits["tune"] == 0 || splits["test"] < 200 || len(all.voices) < 6 {
		t.Errorf("%d mentions written, %v", written, splits)
	}
	if float64(hard) < 0.18*float64(written) {
		t.Errorf("%d of %d mentions are hard", hard, written)
	}
	t.Logf("%d mentions, %v, %d hard", len(all.examples), splits, hard)
}

// bodyOf gives the digits of a RUT before its check digit.
func bodyOf(said string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == 'k' || r == 'K' {
			return r
		}
		return -1
	}, said)
	if len(digits) < 2 {
		return ""
	}
	return digits[:len(digits)-1]
}
