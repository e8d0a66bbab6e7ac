package template

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// properties reads the properties of one resource and remembers which were read: what is neither read nor expressly
// ignored is an error, because it may change how the deployed system behaves. The first error sticks.
type properties struct {
	id     string
	values map[string]any
	seen   map[string]bool
	err    error
}

func newProperties(id string, values map[string]any) *properties {
	return &properties{id: id, values: values, seen: map[string]bool{}}
}

func (p *properties) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf("template: %s: %s", p.id, fmt.Sprintf(format, args...))
	}
}

// get marks a property as read.
func (p *properties) get(name string) (any, bool) {
	p.seen[name] = true
	v, ok := p.values[name]
	return v, ok
}

// ignore marks properties that change nothing on one machine.
func (p *properties) ignore(names ...string) {
	for _, n := range names {
		p.seen[n] = true
	}
}

// done reports the first error, or the first property nobody understood.
func (p *properties) done() error {
	if p.err != nil {
		return p.err
	}
	for _, name := range slices.Sorted(maps.Keys(p.values)) {
		if !p.seen[name] {
			return fmt.Errorf("template: %s: property %s is not understood by the local system", p.id, name)
		}
	}
	return nil
}

func (p *properties) text(name, absent string) string {
	v, ok := p.get(name)
	if !ok {
		return absent
	}
	s, ok := v.(string)
	if !ok {
		p.fail("%s is not a plain text", name)
	}
	return s
}

// oneOf is a text that must be one of the allowed ones.
func (p *properties) oneOf(name, absent string, allowed ...string) string {
	s := p.text(name, absent)
	if p.err == nil && !slices.Contains(allowed, s) {
		p.fail("%s %q is not played (only %q)", name, s, allowed)
	}
	return s
}

// number accepts 5 and "5", as CloudFormation does.
func (p *properties) number(name string, absent float64) float64 {
	v, ok := p.get(name)
	if !ok {
		return absent
	}
	switch n := v.(type) {
	case float64:
		return n
	case string:
		if f, err := strconv.ParseFloat(n, 64); err == nil {
			return f
		}
	}
	p.fail("%s is not a number", name)
	return absent
}

func (p *properties) whole(name string, absent int) int { return int(p.number(name, float64(absent))) }

func (p *properties) seconds(name string, absent time.Duration) time.Duration {
	return time.Duration(p.number(name, absent.Seconds()) * float64(time.Second))
}

// flag accepts true and "true".
func (p *properties) flag(name string, absent bool) bool {
	v, ok := p.get(name)
	if !ok {
		return absent
	}
	switch b := v.(type) {
	case bool:
		return b
	case string:
		if f, err := strconv.ParseBool(b); err == nil {
			return f
		}
	}
	p.fail("%s is not true or false", name)
	return absent
}

// object opens a nested property; nil when it is absent. Its errors are the resource's: call close on it.
func (p *properties) object(name string) *properties {
	v, ok := p.get(name)
	if !ok {
		return nil
	}
	return p.nested(name, v)
}

func (p *properties) nested(name string, v any) *properties {
	m, ok := v.(map[string]any)
	if !ok {
		p.fail("%s is not an object", name)
		m = map[string]any{}
	}
	return newProperties(p.id+"."+name, m)
}

// objects opens a list of nested properties.
func (p *properties) objects(name string) []*properties {
	v, ok := p.get(name)
	if !ok {
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		p.fail("%s is not a list", name)
		return nil
	}
	out := make([]*properties, len(items))
	for i, item := range items {
		out[i] = p.nested(fmt.Sprintf("%s[%d]", name, i), item)
	}
	return out
}

// close takes over the errors of a nested property.
func (p *properties) close(nested *properties) {
	if err := nested.done(); err != nil && p.err == nil {
		p.err = err
	}
}

func (p *properties) texts(name string) []string {
	v, ok := p.get(name)
	if !ok {
		return nil
	}
	items, ok := v.([]any)
	if !ok {
		p.fail("%s is not a list", name)
		return nil
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		s, ok := item.(string)
		if !ok {
			p.fail("%s holds something that is not a plain text", name)
			return nil
		}
		out = append(out, s)
	}
	return out
}

func (p *properties) value(name string) Value {
	v, ok := p.get(name)
	if !ok {
		p.fail("%s is missing", name)
	}
	return Value{owner: p.id, raw: v}
}

// refers finds the one resource an expression speaks of; attribute limits what may be asked of it ("" for a Ref).
func (p *properties) refers(name string, attributes ...string) string {
	v, ok := p.get(name)
	if !ok {
		p.fail("%s is missing", name)
		return ""
	}
	found := references(v)
	if len(found) != 1 {
		p.fail("%s must refer to exactly one resource of this template and refers to %d", name, len(found))
		return ""
	}
	if !slices.Contains(attributes, found[0].attribute) {
		p.fail("%s takes attribute %q of %s, which is not played", name, found[0].attribute, found[0].id)
	}
	return found[0].id
}
