package template

import (
	"strings"
	"testing"
)

func conditional(conditions map[string]any) *Template {
	return &Template{parameters: map[string]parameter{"Issuer": {Default: ""}}, conditions: conditions}
}

func fn(name string, args ...any) map[string]any { return map[string]any{name: args} }

func TestText_If(t *testing.T) {
	issuer := map[string]any{"Ref": "Issuer"}
	own := fn("Fn::Equals", issuer, "")
	named := func(n string) map[string]any { return map[string]any{"Condition": n} }
	tpl := conditional(map[string]any{
		"Own": own, "Other": fn("Fn::Not", named("Own")), "Both": fn("Fn::And", named("Own"), named("Other")),
		"Any": fn("Fn::Or", named("Own"), named("Other")),
	})
	for _, c := range []struct{ condition, issuer, want string }{
		{"Own", "", "then"},
		{"Own", "x", "otherwise"},
		{"Other", "", "otherwise"},
		{"Other", "x", "then"},
		{"Both", "", "otherwise"},
		{"Both", "x", "otherwise"},
		{"Any", "", "then"},
		{"Any", "x", "then"},
	} {
		got, err := tpl.Text(Value{raw: fn("Fn::If", c.condition, "then", "otherwise")}, Locals{Parameters: map[string]string{"Issuer": c.issuer}})
		if err != nil || got != c.want {
			t.Errorf("%s with issuer %q: got %q, %v; want %q", c.condition, c.issuer, got, err, c.want)
		}
	}
}

func TestText_IfResolvesOneBranchAlone(t *testing.T) {
	tpl := conditional(map[string]any{"Own": fn("Fn::Equals", map[string]any{"Ref": "Issuer"}, "")})
	raw := fn("Fn::If", "Own", map[string]any{"Ref": "UserPool"}, "otro")
	got, err := tpl.Text(Value{raw: raw}, Locals{Parameters: map[string]string{"Issuer": "otro"}})
	if err != nil || got != "otro" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := tpl.Text(Value{raw: raw}, Locals{}); err == nil || !strings.Contains(err.Error(), "UserPool") {
		t.Errorf("a branch nobody answers: got %v", err)
	}
}

func TestText_RefusesConditionsItCannotJudge(t *testing.T) {
	tpl := conditional(map[string]any{
		"Circle": map[string]any{"Condition": "Circle"}, "Text": "yes", "Strange": fn("Fn::Contains", "a", "b"),
		"NotTwo": fn("Fn::Not", fn("Fn::Equals", "a", "a"), fn("Fn::Equals", "a", "a")), "One": fn("Fn::Equals", "a"),
		"NoList": map[string]any{"Fn::And": "a"}, "Nobody": fn("Fn::Equals", map[string]any{"Ref": "Nobody"}, ""),
		"Late": fn("Fn::Or", fn("Fn::Equals", "a", "a"), map[string]any{"Condition": "Missing"}),
	})
	for name := range tpl.conditions {
		if got, err := tpl.Text(Value{raw: fn("Fn::If", name, "a", "b")}, Locals{}); err == nil {
			t.Errorf("%s: got %q", name, got)
		}
	}
	for name, raw := range map[string]any{
		"unknown":   fn("Fn::If", "Missing", "a", "b"),
		"two parts": fn("Fn::If", "Circle", "a"),
		"no name":   fn("Fn::If", 1.0, "a", "b"),
	} {
		if got, err := tpl.Text(Value{raw: raw}, Locals{}); err == nil {
			t.Errorf("%s: got %q", name, got)
		}
	}
}
