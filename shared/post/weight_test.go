package post_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"sence.gob.cl/gestor/shared/post"
)

// official are conformance cases of twitter-text (see testdata). They were written for configuration 2, which counted each
// code point of an emoji; X has counted an emoji as two since configuration 3.
func official(t *testing.T) map[string]struct {
	Text string
	Want int
} {
	t.Helper()
	raw, err := os.ReadFile("testdata/x-weighted-length.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Cases []struct {
			Description string
			Text        string
			Expected    struct{ WeightedLength int }
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil || len(file.Cases) < 10 {
		t.Fatalf("%d cases, %v", len(file.Cases), err)
	}
	out := map[string]struct {
		Text string
		Want int
	}{}
	for _, c := range file.Cases {
		out[c.Description] = struct {
			Text string
			Want int
		}{c.Text, c.Expected.WeightedLength}
	}
	return out
}

func TestWeight_Official(t *testing.T) {
	newer := map[string]int{
		"Count a mix of single byte single word, and double word unicode characters":              7,
		"Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers": 4,
	}
	for name, c := range official(t) {
		if got := post.WeightOfCodePoints(c.Text); got != c.Want {
			t.Errorf("%s: %d by configuration 2, want %d", name, got, c.Want)
		}
		want := c.Want
		if n, differs := newer[name]; differs {
			want = n
		}
		if got := post.Weight(c.Text); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
		delete(newer, name)
	}
	for name := range newer {
		t.Errorf("no official case %q", name)
	}
}

// weights are ours; the console is held to the same (web/test/weight.test.mjs).
func TestWeight(t *testing.T) {
	raw, err := os.ReadFile("testdata/weights.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Text string
		Want int
	}
	if err := json.Unmarshal(raw, &cases); err != nil || len(cases) < 20 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	for _, c := range cases {
		if got := post.Weight(c.Text); got != c.Want {
			t.Errorf("%q weighs %d, want %d", c.Text, got, c.Want)
		}
	}
}

func FuzzWeight(f *testing.F) {
	f.Add("Hola 👩‍👩‍👧 https://sence.gob.cl/a(b)? ñ 1️⃣ 🇨🇱🇨 🏴󠁧󠁢󠁥󠁮󠁧󠁿")
	f.Add("\u200d\ufe0f\xff..a.cl")
	f.Fuzz(func(t *testing.T, text string) {
		got := post.Weight(text)
		if got < 0 || got > 23*len(text) {
			t.Errorf("%q weighs %d", text, got)
		}
		if links := strings.Contains(text, "."); !links && got > post.WeightOfCodePoints(text)+len(text) {
			t.Errorf("%q weighs %d, more than its code points", text, got)
		}
	})
}
