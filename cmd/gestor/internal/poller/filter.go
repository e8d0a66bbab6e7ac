package poller

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// pattern is a filter: every field must match. It understands the part of EventBridge's pattern language that the
// template uses; anything else is refused when it is read, never ignored.
type pattern map[string]rule

// rule is what one field must match: a nested pattern, or any of several tests.
type rule struct {
	nested pattern
	tests  []test
}

// test is an exact value (a string, json.Number, bool or nil) or a prefix.
type test struct {
	exact    any
	prefix   string
	isPrefix bool
}

// parsePattern reads a filter from its JSON text.
func parsePattern(text string) (pattern, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber() // numbers compare as they are written
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		return nil, fmt.Errorf("filter: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("filter: more than one JSON value")
	}
	return compile("", fields)
}

func compile(path string, fields map[string]any) (pattern, error) {
	if len(fields) == 0 {
		return nil, fmt.Errorf("filter: %q: an empty pattern", path)
	}
	p := pattern{}
	for name, value := range fields {
		at := strings.TrimPrefix(path+"."+name, ".")
		switch v := value.(type) {
		case map[string]any:
			nested, err := compile(at, v)
			if err != nil {
				return nil, err
			}
			p[name] = rule{nested: nested}
		case []any:
			tests, err := compileTests(at, v)
			if err != nil {
				return nil, err
			}
			p[name] = rule{tests: tests}
		default:
			return nil, fmt.Errorf("filter: %q: values stand in a list", at)
		}
	}
	return p, nil
}

func compileTests(path string, list []any) ([]test, error) {
	if len(list) == 0 {
		return nil, fmt.Errorf("filter: %q: an empty list matches nothing", path)
	}
	var tests []test
	for _, element := range list {
		switch v := element.(type) {
		case map[string]any:
			prefix, ok := v["prefix"].(string)
			if !ok || len(v) != 1 {
				return nil, fmt.Errorf("filter: %q: only the operator prefix is played here", path)
			}
			tests = append(tests, test{prefix: prefix, isPrefix: true})
		case []any:
			return nil, fmt.Errorf("filter: %q: a list inside a list", path)
		default:
			tests = append(tests, test{exact: v})
		}
	}
	return tests, nil
}

// match reports whether a JSON object (as maps, slices, strings, json.Number, bool and nil) fits the pattern.
func (p pattern) match(object map[string]any) bool {
	for name, r := range p {
		value, present := object[name]
		if !present || !r.match(value) {
			return false
		}
	}
	return true
}

func (r rule) match(value any) bool {
	if r.nested != nil {
		object, ok := value.(map[string]any)
		return ok && r.nested.match(object)
	}
	// A list matches when one of its elements does.
	if list, ok := value.([]any); ok {
		for _, element := range list {
			if r.matchOne(element) {
				return true
			}
		}
		return false
	}
	return r.matchOne(value)
}

func (r rule) matchOne(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return false
	}
	for _, t := range r.tests {
		if t.isPrefix {
			if text, ok := value.(string); ok && strings.HasPrefix(text, t.prefix) {
				return true
			}
			continue
		}
		if value == t.exact {
			return true
		}
	}
	return false
}

// anyMatch reports whether a record passes: without patterns each does, else it must fit one of them.
func anyMatch(patterns []pattern, record map[string]any) bool {
	for _, p := range patterns {
		if p.match(record) {
			return true
		}
	}
	return len(patterns) == 0
}
