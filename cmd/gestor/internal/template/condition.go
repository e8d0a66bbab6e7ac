package template

import (
	"errors"
	"fmt"
)

// deepest bounds conditions that name each other, so that two which do so in a circle end.
const deepest = 10

// either plays Fn::If. Only the branch that holds is resolved: the other may speak of what exists in the cloud alone.
func (e evaluator) either(arg any) (string, error) {
	triple, ok := arg.([]any)
	if !ok || len(triple) != 3 {
		return "", errors.New("the argument of Fn::If is not [condition, then, otherwise]")
	}
	name, ok := triple[0].(string)
	if !ok {
		return "", errors.New("the condition of Fn::If is not a name")
	}
	holds, err := e.named(name, 0)
	if err != nil {
		return "", err
	}
	if holds {
		return e.text(triple[1])
	}
	return e.text(triple[2])
}

// named tells whether a condition of the template holds.
func (e evaluator) named(name string, depth int) (bool, error) {
	raw, declared := e.t.conditions[name]
	if !declared {
		return false, fmt.Errorf("there is no condition %s", name)
	}
	holds, err := e.holds(raw, depth+1)
	if err != nil {
		return false, fmt.Errorf("condition %s: %w", name, err)
	}
	return holds, nil
}

func (e evaluator) holds(raw any, depth int) (bool, error) {
	if depth > deepest {
		return false, errors.New("conditions go too deep")
	}
	m, ok := raw.(map[string]any)
	if !ok {
		return false, errors.New("a condition was expected")
	}
	name, arg, err := intrinsic(m)
	if err != nil {
		return false, err
	}
	if name == "Condition" {
		other, _ := arg.(string)
		return e.named(other, depth)
	}
	parts, ok := arg.([]any)
	if !ok {
		return false, fmt.Errorf("the argument of %s is not a list", name)
	}
	switch name {
	case "Fn::Equals":
		return e.equal(parts)
	case "Fn::Not":
		if len(parts) != 1 {
			return false, errors.New("Fn::Not takes one condition")
		}
		holds, err := e.holds(parts[0], depth+1)
		return !holds, err
	case "Fn::And", "Fn::Or":
		return e.every(parts, name == "Fn::And", depth)
	default:
		return false, fmt.Errorf("%s is not understood as a condition", name)
	}
}

// every plays Fn::And (all) and Fn::Or. What need not be looked at is looked at all the same: a part that cannot be
// resolved is a mistake wherever it stands.
func (e evaluator) every(parts []any, all bool, depth int) (bool, error) {
	result := all
	for _, part := range parts {
		holds, err := e.holds(part, depth+1)
		if err != nil {
			return false, err
		}
		if holds != all {
			result = holds
		}
	}
	return result, nil
}

func (e evaluator) equal(parts []any) (bool, error) {
	if len(parts) != 2 {
		return false, errors.New("Fn::Equals takes two texts")
	}
	left, err := e.text(parts[0])
	if err != nil {
		return false, err
	}
	right, err := e.text(parts[1])
	return left == right, err
}
