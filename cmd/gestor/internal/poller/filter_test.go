package poller

import (
	"encoding/json"
	"strings"
	"testing"
)

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPattern_match(t *testing.T) {
	const outbox = `{"eventName":["INSERT"],"dynamodb":{"Keys":{"SK":{"S":[{"prefix":"O#"}]}}}}`
	for name, c := range map[string]struct {
		pattern string
		record  string
		want    bool
	}{
		"outbox item":              {outbox, `{"eventName":"INSERT","dynamodb":{"Keys":{"PK":{"S":"T#1"},"SK":{"S":"O#9"}}}}`, true},
		"another item":             {outbox, `{"eventName":"INSERT","dynamodb":{"Keys":{"PK":{"S":"O#1"},"SK":{"S":"T"}}}}`, false},
		"prefix in the middle":     {outbox, `{"eventName":"INSERT","dynamodb":{"Keys":{"SK":{"S":"XO#9"}}}}`, false},
		"another event":            {outbox, `{"eventName":"MODIFY","dynamodb":{"Keys":{"SK":{"S":"O#9"}}}}`, false},
		"key of another type":      {outbox, `{"eventName":"INSERT","dynamodb":{"Keys":{"SK":{"N":"9"}}}}`, false},
		"nothing nested":           {outbox, `{"eventName":"INSERT","dynamodb":"O#"}`, false},
		"field missing":            {outbox, `{"eventName":"INSERT"}`, false},
		"one of several":           {`{"eventName":["INSERT","MODIFY"]}`, `{"eventName":"MODIFY"}`, true},
		"none of several":          {`{"eventName":["INSERT","MODIFY"]}`, `{"eventName":"REMOVE"}`, false},
		"value or prefix":          {`{"a":["x",{"prefix":"y"}]}`, `{"a":"yes"}`, true},
		"empty prefix":             {`{"a":[{"prefix":""}]}`, `{"a":"whatever"}`, true},
		"prefix of a number":       {`{"a":[{"prefix":"1"}]}`, `{"a":12}`, false},
		"number":                   {`{"a":[1]}`, `{"a":1}`, true},
		"number is not a text":     {`{"a":[1]}`, `{"a":"1"}`, false},
		"true":                     {`{"a":[true]}`, `{"a":true}`, true},
		"null":                     {`{"a":[null]}`, `{"a":null}`, true},
		"null is not absence":      {`{"a":[null]}`, `{}`, false},
		"element of a list":        {`{"a":["x"]}`, `{"a":["w","x"]}`, true},
		"no element of a list":     {`{"a":["x"]}`, `{"a":["w"]}`, false},
		"leaf where an object is":  {`{"a":["x"]}`, `{"a":{"b":"x"}}`, false},
		"every field has to match": {`{"a":["x"],"b":["y"]}`, `{"a":"x","b":"z"}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := parsePattern(c.pattern)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.match(object(t, c.record)); got != c.want {
				t.Errorf("match = %v, want %v", got, c.want)
			}
		})
	}
}

func TestParsePattern_refuses(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":             `{`,
		"no object":           `["a"]`,
		"null":                `null`,
		"empty":               `{}`,
		"empty, nested":       `{"a":{}}`,
		"value without list":  `{"a":"x"}`,
		"empty list":          `{"a":[]}`,
		"list in a list":      `{"a":[["x"]]}`,
		"two values":          `{"a":["x"]} {"b":["y"]}`,
		"suffix":              `{"a":[{"suffix":"x"}]}`,
		"anything-but":        `{"a":[{"anything-but":["x"]}]}`,
		"exists":              `{"a":[{"exists":true}]}`,
		"numeric":             `{"a":[{"numeric":[">",0]}]}`,
		"$or":                 `{"$or":[{"a":["x"]},{"b":["y"]}]}`,
		"prefix, not a text":  `{"a":[{"prefix":1}]}`,
		"prefix, ignore case": `{"a":[{"prefix":{"equals-ignore-case":"x"}}]}`,
		"two operators":       `{"a":[{"prefix":"x","suffix":"y"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parsePattern(text); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestAnyMatch(t *testing.T) {
	record := object(t, `{"a":"x"}`)
	yes, no := pattern{"a": {tests: []test{{exact: "x"}}}}, pattern{"a": {tests: []test{{exact: "y"}}}}
	for name, c := range map[string]struct {
		patterns []pattern
		want     bool
	}{
		"no filter":   {nil, true},
		"one of two":  {[]pattern{no, yes}, true},
		"none of two": {[]pattern{no, no}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := anyMatch(c.patterns, record); got != c.want {
				t.Errorf("anyMatch = %v, want %v", got, c.want)
			}
		})
	}
}
