package desk_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sence.gob.cl/gestor/shared/desk"
)

// document is the OpenAPI document as far as answers can be held against it.
type document struct {
	Paths map[string]map[string]struct {
		Security  *[]any
		Responses map[string]response
	}
	Components struct {
		Schemas   map[string]schema
		Responses map[string]response
	}
}

// response is one answer of an operation, or a reference to one of the components.
type response struct {
	Ref     string `json:"$ref"`
	Content map[string]struct{ Schema schema }
}

// schema is the part of JSON Schema the document uses; TestDocument refuses any other keyword.
type schema map[string]any

func readDocument(t *testing.T, raw []byte) *document {
	t.Helper()
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatalf("openapi.json: %v", err)
	}
	for path, operations := range d.Paths {
		for method, operation := range operations {
			for status, r := range operation.Responses {
				if r.Ref == "" {
					continue
				}
				shared, known := d.Components.Responses[strings.TrimPrefix(r.Ref, "#/components/responses/")]
				if !known {
					t.Errorf("%s %s: %s refers to %s, which is not in the document", method, path, status, r.Ref)
				}
				operation.Responses[status] = shared
			}
		}
	}
	return &d
}

// route finds the documented path a request's path belongs to.
func (d *document) route(path string) string {
	path, _, _ = strings.Cut(path, "?")
	if _, exact := d.Paths[path]; exact {
		return path
	}
	for known := range d.Paths {
		pattern := "^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(known), "[^/]+") + "$"
		if regexp.MustCompile(pattern).MatchString(path) {
			return known
		}
	}
	return ""
}

// check holds an answer against the document: its status, its type and its shape must be named there.
func (d *document) check(t *testing.T, method, path string, a answer) {
	t.Helper()
	operation, known := d.Paths[d.route(path)][strings.ToLower(method)]
	if !known {
		t.Errorf("%s %s is not in the document", method, path)
		return
	}
	response, known := operation.Responses[fmt.Sprint(a.status)]
	if !known {
		t.Errorf("%s %s answers %d, which is not in the document: %s", method, path, a.status, a.body)
		return
	}
	kind, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	content, known := response.Content[kind]
	if !known {
		t.Errorf("%s %s answers %d as %q, which is not in the document", method, path, a.status, kind)
		return
	}
	var value any
	if err := json.Unmarshal(a.body, &value); err != nil {
		t.Errorf("%s %s answers %d with no JSON: %v", method, path, a.status, err)
		return
	}
	for _, fault := range d.faults(content.Schema, value, "") {
		t.Errorf("%s %s answers %d: %s", method, path, a.status, fault)
	}
}

// faults says where a value is not as its schema wants it.
func (d *document) faults(s schema, value any, at string) []string {
	if ref, is := s["$ref"].(string); is {
		return d.faults(d.Components.Schemas[strings.TrimPrefix(ref, "#/components/schemas/")], value, at)
	}
	var out []string
	bad := func(format string, args ...any) {
		out = append(out, at+": "+fmt.Sprintf(format, args...))
	}
	if kinds := kindsOf(s["type"]); kinds != nil && !slices.ContainsFunc(kinds, func(kind string) bool { return isKind(kind, value) }) {
		bad("%v is no %v", value, kinds)
		return out
	}
	if allowed, is := s["enum"].([]any); is && !slices.ContainsFunc(allowed, func(one any) bool { return reflect.DeepEqual(one, value) }) {
		bad("%v is none of %v", value, allowed)
	}
	switch v := value.(type) {
	case string:
		if why := textFault(s, v); why != "" {
			bad("%q %s", v, why)
		}
	case []any:
		items, _ := s["items"].(map[string]any)
		for i, one := range v {
			out = append(out, d.faults(items, one, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case map[string]any:
		out = append(out, d.objectFaults(s, v, at)...)
	}
	return out
}

func (d *document) objectFaults(s schema, value map[string]any, at string) []string {
	var out []string
	required, _ := s["required"].([]any)
	for _, name := range required {
		if _, has := value[fmt.Sprint(name)]; !has {
			out = append(out, fmt.Sprintf("%s: %v is missing", at, name))
		}
	}
	properties, _ := s["properties"].(map[string]any)
	others, open := s["additionalProperties"].(map[string]any)
	for name, one := range value {
		property, named := properties[name].(map[string]any)
		switch {
		case named:
			out = append(out, d.faults(property, one, at+"."+name)...)
		case open:
			out = append(out, d.faults(others, one, at+"."+name)...)
		case properties != nil: // a field nobody documented
			out = append(out, fmt.Sprintf("%s: %s is not in the document", at, name))
		}
	}
	return out
}

func kindsOf(t any) []string {
	switch t := t.(type) {
	case string:
		return []string{t}
	case []any:
		var kinds []string
		for _, one := range t {
			kinds = append(kinds, fmt.Sprint(one))
		}
		return kinds
	default:
		return nil
	}
}

func isKind(kind string, value any) bool {
	switch v := value.(type) {
	case nil:
		return kind == "null"
	case string:
		return kind == "string"
	case bool:
		return kind == "boolean"
	case float64:
		return kind == "number" || kind == "integer" && v == math.Trunc(v)
	case []any:
		return kind == "array"
	case map[string]any:
		return kind == "object"
	default:
		return false
	}
}

// textFault says why a text is not as its schema wants it, "" when it is.
func textFault(s schema, text string) string {
	switch s["format"] {
	case "date-time":
		if when, err := time.Parse(time.RFC3339, text); err != nil || when.Location() != time.UTC || when.Year() < 2000 {
			return "is no instant in UTC"
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return "is no date"
		}
	}
	if pattern, is := s["pattern"].(string); is && !regexp.MustCompile(pattern).MatchString(text) {
		return "does not match " + pattern
	}
	return ""
}

// Each operation of the API is in the document, and nothing else; what needs no token says so.
func TestDocument_NamesTheRoutes(t *testing.T) {
	w := newWorld(t)
	routes := map[string]bool{}
	for _, r := range desk.Routes() {
		routes[strings.ToLower(r.Method)+" "+r.Path] = true
	}
	open := map[string]bool{"get /api/v1/openapi.json": true, "get /healthz": true, "get /config.json": true, "get /oauth/callback": true}
	for path, operations := range w.spec.Paths {
		for method, operation := range operations {
			name := method + " " + path
			if !routes[name] {
				t.Errorf("%s is in the document and nowhere else", name)
			}
			delete(routes, name)
			if operation.Responses["500"].Content["application/problem+json"].Schema == nil {
				t.Errorf("%s does not say what a failure looks like", name)
			}
			if free := operation.Security != nil && len(*operation.Security) == 0; free != open[name] {
				t.Errorf("%s is open to everybody: %t", name, free)
			}
		}
	}
	for name := range routes {
		t.Errorf("%s is not in the document", name)
	}
}

// The checker of this file understands every keyword of the document: what it did not understand it would let pass.
func TestDocument_OnlyKnownKeywords(t *testing.T) {
	w := newWorld(t)
	known := []string{
		"$ref", "type", "enum", "format", "pattern", "items", "required", "properties", "additionalProperties", "description",
		"minimum", "maximum", "minLength", "maxLength", "default", "oneOf", "title", // of requests, or for the reader
	}
	var walk func(s map[string]any)
	walk = func(s map[string]any) {
		for keyword, value := range s {
			if !slices.Contains(known, keyword) {
				t.Errorf("keyword %s is not checked", keyword)
			}
			switch keyword {
			case "items", "additionalProperties":
				if one, is := value.(map[string]any); is {
					walk(one)
				}
			case "properties":
				all, _ := value.(map[string]any)
				for _, one := range all {
					one, is := one.(map[string]any)
					if !is {
						t.Errorf("property %v is no schema", value)
					}
					walk(one)
				}
			}
		}
	}
	for _, s := range w.spec.Components.Schemas {
		walk(s)
	}
	for _, operations := range w.spec.Paths {
		for _, operation := range operations {
			for _, response := range operation.Responses {
				for _, content := range response.Content {
					walk(content.Schema)
				}
			}
		}
	}
}

// The checker can fail.
func TestDocument_CheckerCatches(t *testing.T) {
	w := newWorld(t)
	good := map[string]any{"title": "x", "status": 404.0}
	problem := schema{"$ref": "#/components/schemas/Problem"}
	if faults := w.spec.faults(problem, good, ""); len(faults) != 0 {
		t.Errorf("a good problem: %v", faults)
	}
	for name, spoilt := range map[string]map[string]any{
		"missing":       {"title": "x"},
		"another type":  {"title": "x", "status": "404"},
		"half a number": {"title": "x", "status": 404.5},
		"undocumented":  {"title": "x", "status": 404.0, "secreto": true},
		"nested":        {"title": "x", "status": 404.0, "ticket": map[string]any{"state": "inventado"}},
	} {
		if faults := w.spec.faults(problem, spoilt, ""); len(faults) == 0 {
			t.Errorf("%s passes", name)
		}
	}
	if got := w.spec.route("/api/v1/tickets/01T/claim?x=" + url.QueryEscape("/")); got != "/api/v1/tickets/{id}/{action}" {
		t.Errorf("route = %q", got)
	}
}
