package main

import (
	"testing"

	"sence.gob.cl/gestor/shared/classify"
)

// The test voices written otherwise are read alike: what the keyboard does may cost next to nothing, what addresses the classifier
// little, and what says nothing about the matter changes the intent seldom.
func TestSteady(t *testing.T) {
	with := classify.New()
	all, err := readAll("data", classify.NewWith(nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steady(with, all.answers(with, "test")) {
		kept := float64(s.kept) / float64(max(s.touched, 1))
		t.Logf("%-32s touches %3d, keeps %.3f, macro-F1 falls by %.3f", s.change.name, s.touched, kept, s.fall)
		if s.touched == 0 {
			t.Errorf("%s touches nothing", s.change.name)
		}
		if s.change.limit > 0 && s.fall > s.change.limit {
			t.Errorf("%s: macro-F1 falls by %.3f, more than %.2f", s.change.name, s.fall, s.change.limit)
		}
		if kept < 0.85 {
			t.Errorf("%s: only %.3f keep their intent", s.change.name, kept)
		}
	}
}

// A change that does matter is noticed: the measure can fail.
func TestSteady_Noticed(t *testing.T) {
	all, err := readAll("data", classify.NewWith(nil))
	if err != nil {
		t.Fatal(err)
	}
	with := classify.New()
	answers := all.answers(with, "test")
	changed := make([]answer, len(answers))
	for i, a := range answers {
		in := a.gold.in
		in.Text = some(in.Text, 60, func(string) string { return "algo" })
		changed[i] = answer{a.gold, with.Classify(in)}
	}
	if fall := measure(answers).macroF1 - measure(changed).macroF1; fall < 0.1 {
		t.Errorf("six words of ten are gone, and the macro-F1 falls by %.3f only", fall)
	}
}

func TestSwap(t *testing.T) {
	change := swap([]string{"lota", "ancud", "angol"})
	for text, want := range map[string]string{"vivo en Lota hace años": "vivo en ancud hace años", "vivo lejos": "vivo lejos"} {
		if got := change(text, 0); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if change("soy de lota", 0) == change("soy de lota", 1) {
		t.Error("always the same town")
	}
}
