package golden

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "rewrite ../testdata/policies.golden.json from the golden template")
	flag.Parse()
	os.Exit(m.Run())
}

func updating() bool { return flag.Lookup("update").Value.String() == "true" }

// tmpl is a template as the rules see it.
type tmpl struct {
	Parameters map[string]*parameter
	Resources  map[string]*resource
	Outputs    map[string]map[string]any
	Rules      map[string]any
	Conditions map[string]any
}

type parameter struct {
	Type           string
	Default        any
	AllowedPattern string
	AllowedValues  []any
}

type resource struct {
	Type           string
	Properties     map[string]any
	Metadata       map[string]any
	DeletionPolicy string
	Condition      string
}

// finding is one breach of a rule: the resource and what is wrong with it.
type finding struct {
	where, what string
}

func (f finding) String() string { return f.where + ": " + f.what }

func found(where, format string, args ...any) finding {
	return finding{where, fmt.Sprintf(format, args...)}
}

// parse reads a template of its own on each call, so that a test may break it.
func parse(t *testing.T) tmpl {
	t.Helper()
	var out tmpl
	if err := json.Unmarshal(Template(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// of answers the logical ids of a type, sorted.
func (t tmpl) of(kind string) []string {
	var ids []string
	for id, r := range t.Resources {
		if r.Type == "AWS::"+kind {
			ids = append(ids, id)
		}
	}
	sort.Strings(ids)
	return ids
}

// prop digs into the properties of a resource; absent is nil.
func (t tmpl) prop(id string, path ...any) any {
	r := t.Resources[id]
	if r == nil {
		return nil
	}
	return dig(r.Properties, path...)
}

// dig follows keys (text) and places (numbers); whatever is not there is nil.
func dig(value any, path ...any) any {
	for _, step := range path {
		switch at := step.(type) {
		case string:
			inner, _ := value.(map[string]any)
			value = inner[at]
		case int:
			inner, _ := value.([]any)
			if at >= len(inner) {
				return nil
			}
			value = inner[at]
		}
	}
	return value
}

// number answers a number of the template, -1 when it is none.
func number(value any) float64 {
	if n, ok := value.(float64); ok {
		return n
	}
	return -1
}

func text(value any) string {
	s, _ := value.(string)
	return s
}

// list answers a list, or the one value that IAM allows to stand for a list of one.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	default:
		return []any{v}
	}
}

func texts(value any) []string {
	var out []string
	for _, v := range list(value) {
		out = append(out, text(v))
	}
	return out
}

// render writes a value with references as people write them: ${Queue}, ${Queue.Arn}, ${Bucket.Arn}/*.
func render(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case map[string]any:
		if name, ok := v["Ref"]; ok {
			return "${" + text(name) + "}"
		}
		if pair := list(v["Fn::GetAtt"]); len(pair) == 2 {
			return "${" + text(pair[0]) + "." + text(pair[1]) + "}"
		}
		if join := list(v["Fn::Join"]); len(join) == 2 {
			var parts []string
			for _, part := range list(join[1]) {
				parts = append(parts, render(part))
			}
			return strings.Join(parts, text(join[0]))
		}
		if sub, ok := v["Fn::Sub"].(string); ok {
			return sub
		}
		if triple := list(v["Fn::If"]); len(triple) == 3 {
			return fmt.Sprintf("%s if %s, else %s", render(triple[1]), text(triple[0]), render(triple[2]))
		}
		if pair := list(v["Fn::Select"]); len(pair) == 2 {
			return fmt.Sprintf("part %v of %s", pair[0], render(pair[1]))
		}
		if pair := list(v["Fn::Split"]); len(pair) == 2 {
			return fmt.Sprintf("(%s) at %v", render(pair[1]), pair[0])
		}
	}
	raw, _ := json.Marshal(value)
	return string(raw)
}

// resourceOf is the logical id a value refers to: Queue of ${Queue.Arn}/index.
func resourceOf(value any) string {
	_, after, ok := strings.Cut(render(value), "${")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(after, "}")
	id, _, _ := strings.Cut(name, ".")
	return id
}

// statement is one statement of a policy, rendered.
type statement struct {
	sid, effect        string
	actions, resources []string
	condition          any
}

func statements(document any) []statement {
	var out []statement
	for _, s := range list(dig(document, "Statement")) {
		var resources []string
		for _, r := range list(dig(s, "Resource")) {
			resources = append(resources, render(r))
		}
		out = append(out, statement{
			sid: text(dig(s, "Sid")), effect: text(dig(s, "Effect")),
			actions: texts(dig(s, "Action")), resources: resources, condition: dig(s, "Condition"),
		})
	}
	return out
}

// granted lists every statement of a role's own policies.
func (t tmpl) granted(role string) []statement {
	var out []statement
	for _, p := range list(t.prop(role, "Policies")) {
		out = append(out, statements(dig(p, "PolicyDocument"))...)
	}
	return out
}

// may says whether a role is allowed an action on a rendered resource.
func (t tmpl) may(role, action, on string) bool {
	for _, s := range t.granted(role) {
		if s.effect == "Allow" && slices.Contains(s.actions, action) && slices.Contains(s.resources, on) {
			return true
		}
	}
	return false
}

// stem is what the logical ids of one function share.
func stem(functionID string) string { return strings.TrimSuffix(functionID, "Function") }
