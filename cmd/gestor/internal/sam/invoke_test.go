package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"
)

// Each expectation of an answer can fail.
func TestWant_Check(t *testing.T) {
	none, second := []string{}, []string{"m2"}
	for name, c := range map[string]struct {
		want want
		got  string
		ok   bool
	}{
		"status":                          {want{Status: 200}, `{"statusCode":200,"body":"x"}`, true},
		"another status":                  {want{Status: 200}, `{"statusCode":403}`, false},
		"text in the body":                {want{Status: 200, Body: []string{"ok"}}, `{"statusCode":200,"body":"{\"status\":\"ok\"}"}`, true},
		"no text in the body":             {want{Status: 200, Body: []string{"ok"}}, `{"statusCode":200,"body":""}`, false},
		"nothing comes back":              {want{Failed: &none}, `{"batchItemFailures":[]}`, true},
		"nothing comes back, said by nil": {want{Failed: &none}, `{"batchItemFailures":null}`, true},
		"something comes back":            {want{Failed: &none}, `{"batchItemFailures":[{"itemIdentifier":"m2"}]}`, false},
		"the second comes back":           {want{Failed: &second}, `{"batchItemFailures":[{"itemIdentifier":"m2"}]}`, true},
		"the whole batch comes back":      {want{Failed: &second}, `{"batchItemFailures":[{"itemIdentifier":"m1"},{"itemIdentifier":"m2"}]}`, false},
		"the wanted error":                {want{Error: "neither"}, `{"errorType":"errorString","errorMessage":"lambdakit: neither"}`, true},
		"no error":                        {want{Error: "neither"}, `{}`, false},
		"an error nobody wanted":          {want{Failed: &none}, `{"errorMessage":"exit status 1"}`, false},
	} {
		var got answer
		if err := json.Unmarshal([]byte(c.got), &got); err != nil {
			t.Fatal(err)
		}
		if problems := c.want.check(got); (len(problems) == 0) != c.ok {
			t.Errorf("%s: %q", name, problems)
		}
	}
}

// Every event has its expectation, and every effect its event.
func TestEvents_AreWhole(t *testing.T) {
	l := &lane{setup: setup{events: "../../../../events/invoke"}}
	names := l.files()
	if len(names) < 20 {
		t.Fatalf("%d events", len(names))
	}
	for _, name := range names {
		w, err := read(filepath.Join(l.events, name+".want.json"))
		if err != nil {
			t.Error(err)
		} else if w.Why == "" || w.Status == 0 && w.Failed == nil && w.Error == "" {
			t.Errorf("%s wants nothing: %+v", name, w)
		}
	}
	for name := range l.effects() {
		if !slices.Contains(names, name) {
			t.Errorf("the effect of %s has no event", name)
		}
	}
}
