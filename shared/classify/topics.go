package classify

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
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
	if !isDay(catalogue.Date) || catalogue.Version == "" {
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
	if t.Code == "" || t.Name == "" || !isDay(t.Checked) {
		return fmt.Errorf("code %q, name %q, checked %q", t.Code, t.Name, t.Checked)
	}
	return nil
}

// isDay reports whether a text reads as a day; the package has no clock, and knows nothing of calendars.
func isDay(text string) bool {
	is, err := regexp.MatchString(`^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`, text)
	return is && err == nil
}

// Leans reports whether the topics tell nothing, or only what is asked about a programme and not which one: read below a post, or
// within a case, they are of what that is about.
func (r Result) Leans() bool {
	return !slices.ContainsFunc(r.Topics, func(topic string) bool {
		switch topic {
		case topicOther, topicCourse, "postulacion", "pagos", "certificados":
			return false
		default:
			return true
		}
	})
}

// under gives the topics of a mention that stands under something about the topics of its parent.
func (c *Classifier) under(r Result, parent []string) []string {
	if len(parent) == 0 || !r.Leans() {
		return r.Topics
	}
	silent := slices.Contains(r.Topics, topicOther)
	var topics []string
	for _, topic := range c.topics {
		if slices.Contains(parent, topic) && (silent || !c.matters[topic]) || !silent && slices.Contains(r.Topics, topic) {
			topics = append(topics, topic)
		}
	}
	if len(topics) == 0 { // topics of another list
		return r.Topics
	}
	return named(topics)
}

// named drops what a named programme makes needless: cursos is for courses that have no name.
func named(topics []string) []string {
	if !slices.ContainsFunc(topics, ofCourses) {
		return topics
	}
	return slices.DeleteFunc(topics, func(topic string) bool { return topic == topicCourse })
}

// ofCourses reports whether a topic is a programme of courses.
func ofCourses(topic string) bool {
	switch topic {
	case "formate", "becas_laborales", "cursos_linea", "despega_mipe", "franquicia":
		return true
	default:
		return false
	}
}
