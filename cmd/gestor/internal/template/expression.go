package template

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Value is an expression of the template that may depend on what the local system decides (a queue's URL, a
// parameter); Template.Text resolves it.
type Value struct {
	owner string
	raw   any
}

// Locals are the values the local system gives to what a deployment would create.
type Locals struct {
	Account string
	Region  string
	// Parameters are supplied parameter values; one that is absent takes its default.
	Parameters map[string]string
	// Refs maps a logical id to what Ref gives (a queue's URL, a table's or bucket's name, a secret's ARN).
	Refs map[string]string
	// Attributes maps "LogicalId.Attribute" to what Fn::GetAtt gives.
	Attributes map[string]string
}

// errNoValue marks AWS::NoValue: the property or variable is absent.
var errNoValue = errors.New("no value")

// Environment resolves the variables of a function. The error names the function and the variable.
func (t *Template) Environment(f Function, l Locals) (map[string]string, error) {
	env := make(map[string]string, len(f.Environment))
	for name, v := range f.Environment {
		text, err := t.Text(v, l)
		if errors.Is(err, errNoValue) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("variable %s of %w", name, err)
		}
		env[name] = text
	}
	return env, nil
}

// Text resolves an expression to text. The error names the logical id that holds the expression.
func (t *Template) Text(v Value, l Locals) (string, error) {
	s, err := evaluator{t: t, l: l}.text(v.raw)
	if err != nil {
		return "", fmt.Errorf("%s: %w", v.owner, err)
	}
	return s, nil
}

type evaluator struct {
	t *Template
	l Locals
}

func (e evaluator) text(raw any) (string, error) {
	switch v := raw.(type) {
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case map[string]any:
		return e.call(v)
	default:
		return "", fmt.Errorf("a text was expected and %T was found", raw)
	}
}

func (e evaluator) call(m map[string]any) (string, error) {
	name, arg, err := intrinsic(m)
	if err != nil {
		return "", err
	}
	switch name {
	case "Ref":
		return e.ref(arg)
	case "Fn::GetAtt":
		return e.attribute(arg)
	case "Fn::Join":
		return e.join(arg)
	case "Fn::Sub":
		return e.sub(arg)
	case "Fn::Select":
		return e.pick(arg)
	case "Fn::If":
		return e.either(arg)
	default:
		return "", fmt.Errorf("%s is not understood here", name)
	}
}

// intrinsic takes apart {"Fn::X": argument}.
func intrinsic(m map[string]any) (string, any, error) {
	if len(m) != 1 {
		return "", nil, errors.New("an intrinsic function was expected")
	}
	for name, arg := range m {
		return name, arg, nil
	}
	return "", nil, nil
}

func (e evaluator) ref(arg any) (string, error) {
	id, ok := arg.(string)
	if !ok {
		return "", errors.New("the argument of Ref is not a name")
	}
	if strings.HasPrefix(id, "AWS::") {
		return e.pseudo(id)
	}
	if v, ok := e.l.Refs[id]; ok {
		return v, nil
	}
	p, declared := e.t.parameters[id]
	if !declared {
		return "", fmt.Errorf("nothing local answers Ref %s", id)
	}
	if v, ok := e.l.Parameters[id]; ok {
		return v, nil
	}
	if p.Default == nil {
		return "", fmt.Errorf("parameter %s has neither a value nor a default", id)
	}
	return e.text(p.Default)
}

func (e evaluator) pseudo(id string) (string, error) {
	switch id {
	case "AWS::AccountId":
		return e.l.Account, nil
	case "AWS::Region":
		return e.l.Region, nil
	case "AWS::Partition":
		return "aws", nil
	case "AWS::URLSuffix":
		return "amazonaws.com", nil
	case "AWS::StackName":
		return "gestor", nil
	case "AWS::StackId":
		return "arn:aws:cloudformation:" + e.l.Region + ":" + e.l.Account + ":stack/gestor/local", nil
	case "AWS::NoValue":
		return "", errNoValue
	default:
		return "", fmt.Errorf("pseudo parameter %s is not understood", id)
	}
}

func (e evaluator) attribute(arg any) (string, error) {
	r, err := getAtt(arg)
	if err != nil {
		return "", err
	}
	if v, ok := e.l.Attributes[r.id+"."+r.attribute]; ok {
		return v, nil
	}
	return "", fmt.Errorf("nothing local answers Fn::GetAtt %s.%s", r.id, r.attribute)
}

func (e evaluator) join(arg any) (string, error) {
	pair, ok := arg.([]any)
	if !ok || len(pair) != 2 {
		return "", errors.New("the argument of Fn::Join is not [delimiter, list]")
	}
	delimiter, err := e.text(pair[0])
	if err != nil {
		return "", err
	}
	parts, err := e.list(pair[1])
	if err != nil {
		return "", err
	}
	return strings.Join(parts, delimiter), nil
}

// list resolves a literal list or Fn::Split.
func (e evaluator) list(raw any) ([]string, error) {
	if m, ok := raw.(map[string]any); ok {
		name, arg, err := intrinsic(m)
		if err != nil {
			return nil, err
		}
		if name != "Fn::Split" {
			return nil, fmt.Errorf("%s is not understood as a list", name)
		}
		return e.split(arg)
	}
	items, ok := raw.([]any)
	if !ok {
		return nil, errors.New("a list was expected")
	}
	out := make([]string, 0, len(items))
	for _, item := range items {
		s, err := e.text(item)
		if errors.Is(err, errNoValue) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func (e evaluator) split(arg any) ([]string, error) {
	pair, ok := arg.([]any)
	if !ok || len(pair) != 2 {
		return nil, errors.New("the argument of Fn::Split is not [delimiter, text]")
	}
	delimiter, ok := pair[0].(string)
	if !ok {
		return nil, errors.New("the delimiter of Fn::Split is not a text")
	}
	source, err := e.text(pair[1])
	if err != nil {
		return nil, err
	}
	return strings.Split(source, delimiter), nil
}

func (e evaluator) pick(arg any) (string, error) {
	pair, ok := arg.([]any)
	if !ok || len(pair) != 2 {
		return "", errors.New("the argument of Fn::Select is not [index, list]")
	}
	index, err := e.text(pair[0])
	if err != nil {
		return "", err
	}
	items, err := e.list(pair[1])
	if err != nil {
		return "", err
	}
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || i >= len(items) {
		return "", fmt.Errorf("the index of Fn::Select is outside its list of %d", len(items))
	}
	return items[i], nil
}

// sub plays Fn::Sub: "${Name}", "${Name.Attribute}", "${!literal}" and the variables of its second form.
func (e evaluator) sub(arg any) (string, error) {
	format, ok := arg.(string)
	variables := map[string]any{}
	if pair, isPair := arg.([]any); isPair && len(pair) == 2 {
		format, ok = pair[0].(string)
		given, isMap := pair[1].(map[string]any)
		ok = ok && isMap
		variables = given
	}
	if !ok {
		return "", errors.New("the argument of Fn::Sub is neither a text nor [text, variables]")
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(format, "${")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", errors.New("Fn::Sub has an open ${")
		}
		text, err := e.placeholder(name, variables)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
		format = after
	}
}

func (e evaluator) placeholder(name string, variables map[string]any) (string, error) {
	if literal, ok := strings.CutPrefix(name, "!"); ok {
		return "${" + literal + "}", nil
	}
	if v, ok := variables[name]; ok {
		return e.text(v)
	}
	if strings.Contains(name, ".") {
		return e.attribute(name)
	}
	return e.ref(name)
}

// reference is a Ref (without attribute) or a Fn::GetAtt found in an expression.
type reference struct {
	id        string
	attribute string
}

func getAtt(arg any) (reference, error) {
	switch v := arg.(type) {
	case string:
		if id, attribute, ok := strings.Cut(v, "."); ok {
			return reference{id, attribute}, nil
		}
	case []any:
		if len(v) == 2 {
			id, okID := v[0].(string)
			attribute, okAttribute := v[1].(string)
			if okID && okAttribute {
				return reference{id, attribute}, nil
			}
		}
	}
	return reference{}, errors.New("the argument of Fn::GetAtt is not [name, attribute]")
}

// references lists what an expression refers to, pseudo parameters left out: the way to find the resource behind an
// ARN that the template builds out of pieces.
func references(raw any) []reference {
	var out []reference
	switch v := raw.(type) {
	case []any:
		for _, item := range v {
			out = append(out, references(item)...)
		}
	case map[string]any:
		for name, arg := range v {
			out = append(out, referencesOf(name, arg)...)
		}
	}
	return slices.DeleteFunc(out, func(r reference) bool { return strings.HasPrefix(r.id, "AWS::") })
}

func referencesOf(name string, arg any) []reference {
	switch name {
	case "Ref":
		if id, ok := arg.(string); ok {
			return []reference{{id: id}}
		}
		return nil
	case "Fn::GetAtt":
		if r, err := getAtt(arg); err == nil {
			return []reference{r}
		}
		return nil
	default:
		return references(arg)
	}
}
