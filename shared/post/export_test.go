package post

import "slices"

// WeightOfCodePoints is Weight by configuration 2, in which the official cases are written.
func WeightOfCodePoints(text string) int { return weigh(text, false) }

// LintRuleNames gives the rules the linter's tables name, in order.
func LintRuleNames() ([]string, error) {
	rules, err := lintRules()
	names := []string{}
	for _, r := range rules {
		names = append(names, r.rule)
	}
	slices.Sort(names)
	return slices.Compact(names), err
}

// ParseLint tells what is wrong with a table.
func ParseLint(table string) error {
	_, err := parseLint(table)
	return err
}
