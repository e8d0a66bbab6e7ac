package gateway

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// The kinds of path segments, most specific first.
const (
	literal = iota
	variable
	greedy
)

type segment struct {
	kind int
	// text is the literal, or the variable's name.
	text string
}

type pattern struct {
	route    Route
	method   string
	segments []segment
}

// router finds the route of a request. Its patterns stand in order of precedence: a path without greedy variable wins
// over one with, then the more specific segment from the left, then a method over ANY; $default comes last.
type router struct {
	patterns []pattern
	fallback *Route
}

func newRouter(routes []Route) (*router, error) {
	r := &router{}
	seen := map[string]bool{}
	for _, route := range routes {
		if seen[route.Key] {
			return nil, fmt.Errorf("gateway: route %q appears twice", route.Key)
		}
		seen[route.Key] = true
		if route.Key == "$default" {
			r.fallback = &route
			continue
		}
		p, err := parsePattern(route)
		if err != nil {
			return nil, err
		}
		r.patterns = append(r.patterns, p)
	}
	slices.SortStableFunc(r.patterns, precedence)
	return r, nil
}

func parsePattern(route Route) (pattern, error) {
	method, path, ok := strings.Cut(route.Key, " ")
	if !ok || method == "" || !strings.HasPrefix(path, "/") {
		return pattern{}, fmt.Errorf("gateway: route %q is not METHOD /path", route.Key)
	}
	p := pattern{route: route, method: method}
	parts := strings.Split(path[1:], "/")
	for i, part := range parts {
		s := segment{kind: literal, text: part}
		if name, isVariable := strings.CutPrefix(part, "{"); isVariable {
			name, ok = strings.CutSuffix(name, "}")
			s = segment{kind: variable, text: name}
			if plain, isGreedy := strings.CutSuffix(name, "+"); isGreedy {
				s = segment{kind: greedy, text: plain}
				ok = ok && i == len(parts)-1
			}
			if !ok || s.text == "" {
				return pattern{}, fmt.Errorf("gateway: route %q has a wrong variable %q", route.Key, part)
			}
		}
		p.segments = append(p.segments, s)
	}
	return p, nil
}

func (p pattern) greedy() bool { return p.segments[len(p.segments)-1].kind == greedy }

// precedence orders patterns that may match the same request, best first.
func precedence(a, b pattern) int {
	if a.greedy() != b.greedy() {
		if b.greedy() {
			return -1
		}
		return 1
	}
	for i := range min(len(a.segments), len(b.segments)) {
		if c := cmp.Compare(a.segments[i].kind, b.segments[i].kind); c != 0 {
			return c
		}
	}
	if c := cmp.Compare(len(b.segments), len(a.segments)); c != 0 {
		return c
	}
	switch {
	case a.method == b.method:
		return 0
	case b.method == "ANY":
		return -1
	case a.method == "ANY":
		return 1
	default:
		return 0
	}
}

// match finds the route for a method and a decoded path, with the path's variables.
func (r *router) match(method, path string) (*Route, map[string]string, bool) {
	for i := range r.patterns {
		p := &r.patterns[i]
		if p.method != method && p.method != "ANY" {
			continue
		}
		if parameters, ok := p.match(path); ok {
			return &p.route, parameters, true
		}
	}
	if r.fallback != nil {
		return r.fallback, nil, true
	}
	return nil, nil, false
}

func (p *pattern) match(path string) (map[string]string, bool) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return nil, false
	}
	parameters := map[string]string{}
	for i, s := range p.segments {
		if s.kind == greedy {
			parameters[s.text] = rest
			return parameters, rest != ""
		}
		part, after, more := strings.Cut(rest, "/")
		if last := i == len(p.segments)-1; more == last {
			return nil, false
		}
		switch {
		case s.kind == literal && part != s.text:
			return nil, false
		case s.kind == variable && part == "":
			return nil, false
		case s.kind == variable:
			parameters[s.text] = part
		}
		rest = after
	}
	return parameters, true
}
