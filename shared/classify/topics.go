package classify

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"
)

//go:embed temas.json
var topicsTable []byte

// TopicState is whether a programme is still given.
type TopicState string

// The states of a topic.
const (
	// TopicCurrent is a programme or service that people can ask for today.
	TopicCurrent TopicState = "vigente"
	// TopicLeaving is a programme that gives way to another; who has it keeps it.
	TopicLeaving TopicState = "en_transicion"
	// TopicPast is a programme nobody can ask for any more, about which people still write.
	TopicPast TopicState = "historico"
	// TopicMatter is no programme: a matter that any of them may have.
	TopicMatter TopicState = "transversal"
)

// Topic is a programme or a matter a mention may speak of.
type Topic struct {
	Code  string     `json:"codigo"`
	Name  string     `json:"nombre"`
	State TopicState `json:"estado"`
	// Checked is the day (YYYY-MM-DD) on which a person last compared the entry with the service's catalogue.
	Checked string `json:"revisado"`
	Note    string `json:"nota,omitempty"`
	// Aliases are the ways people name it, as patterns of reglas.tsv. The model learns what each of them is worth.
	Aliases []string `json:"alias"`
}

// Topics lists what mentions may speak of, in the order of the model's columns.
func Topics() []Topic {
	topics, _, err := parseTopics(topicsTable)
	if err != nil {
		panic("classify: " + err.Error())
	}
	return topics
}

// parseTopics reads the table of topics and gives a rule for each alias.
func parseTopics(table []byte) ([]Topic, []rule, error) {
	var catalogue struct {
		Version string  `json:"version"`
		Date    string  `json:"fecha"`
		Topics  []Topic `json:"temas"`
	}
	strict := json.NewDecoder(bytes.NewReader(table))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&catalogue); err != nil {
		return nil, nil, fmt.Errorf("topics: %w", err)
	}
	if _, err := time.Parse(time.DateOnly, catalogue.Date); err != nil || catalogue.Version == "" {
		return nil, nil, fmt.Errorf("topics: version %q of %q", catalogue.Version, catalogue.Date)
	}
	var rules []rule
	seen := map[string]bool{}
	for _, t := range catalogue.Topics {
		if err := t.check(); err != nil {
			return nil, nil, fmt.Errorf("topic %q: %w", t.Code, err)
		}
		if seen[t.Code] {
			return nil, nil, fmt.Errorf("topic %q: twice", t.Code)
		}
		seen[t.Code] = true
		for _, alias := range t.Aliases {
			r, err := newRule(headTopic+t.Code, 1, alias)
			if err != nil {
				return nil, nil, fmt.Errorf("topic %q: %w", t.Code, err)
			}
			rules = append(rules, r)
		}
	}
	return catalogue.Topics, rules, nil
}

func (t Topic) check() error {
	switch t.State {
	case TopicCurrent, TopicLeaving, TopicPast, TopicMatter:
	default:
		return fmt.Errorf("state %q", t.State)
	}
	if t.Code == "" || t.Name == "" {
		return fmt.Errorf("code %q, name %q", t.Code, t.Name)
	}
	_, err := time.Parse(time.DateOnly, t.Checked)
	return err
}
