package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/model"
)

const modelHelp = `usage: gestor model list
       gestor model add FILE
       gestor model shadow NAME|none
       gestor model use NAME|embedded
       gestor model rollback

Says which model classifies, and changes that while the system runs. A model is brought with add, which changes nothing; with
shadow it says beside the one that decides what it would have said; with use it decides, in less than two minutes everywhere; and
rollback lets the one before decide again. NAME is the beginning of a model's name, at least 8 letters; embedded is the model of
the program itself.

  --url        the system (default http://127.0.0.1:8080)
  --user       who signs in to a local system (default ti); elsewhere GESTOR_TOKEN holds the token of a person
  --reading    how texts were read when FILE was trained (default: as this program reads them)

add prints the model's name. Only jefatura and TI may change models; each change stands in the bitácora.
`

type modelCall struct {
	verb, arg, url, user, reading string
}

func runModel(ctx context.Context, args []string, term terminal) int {
	call, err := parseModel(args)
	if errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprint(term.out, modelHelp)
		return exitDone
	}
	if err != nil {
		return term.misuse("model", err)
	}
	if err := call.run(ctx, term); err != nil {
		return term.fail("model", err)
	}
	return exitDone
}

func parseModel(args []string) (modelCall, error) {
	var call modelCall
	set := flag.NewFlagSet("model", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.StringVar(&call.url, "url", defaultURL, "")
	set.StringVar(&call.user, "user", "ti", "")
	set.StringVar(&call.reading, "reading", "", "")
	var words []string
	for len(args) > 0 { // flags may stand before, between and after the words
		if err := set.Parse(args); err != nil {
			return modelCall{}, err
		}
		if args = set.Args(); len(args) > 0 {
			words, args = append(words, args[0]), args[1:]
		}
	}
	wants := map[string]int{"list": 1, "add": 2, "shadow": 2, "use": 2, "rollback": 1}
	switch {
	case len(words) == 0:
		return modelCall{}, errors.New("list, add, shadow, use or rollback?")
	case wants[words[0]] == 0:
		return modelCall{}, fmt.Errorf("%q is none of list, add, shadow, use, rollback", words[0])
	case len(words) < wants[words[0]]:
		return modelCall{}, fmt.Errorf("%s what?", words[0])
	case len(words) > wants[words[0]]:
		return modelCall{}, fmt.Errorf("unexpected argument %q", words[wants[words[0]]])
	case call.reading != "" && words[0] != "add":
		return modelCall{}, errors.New("--reading belongs to add")
	}
	call.verb, call.url = words[0], strings.TrimRight(call.url, "/")
	if len(words) > 1 {
		call.arg = words[1]
	}
	return call, checkURL(call.url)
}

// seenModels is the register as the API shows it.
type seenModels struct {
	Current, Shadow, Previous string
	Own                       struct{ Label, Reading string }
	Items                     []struct {
		Name, Label, Reading string
		Usable               bool
		Size                 int
		AddedAt              time.Time
		AddedBy              struct{ ID string }
	}
	Steps []struct {
		At             time.Time
		By             struct{ ID string }
		Kind, From, To string
	}
}

func (c modelCall) run(ctx context.Context, term terminal) error {
	a := api{url: c.url, token: term.env("GESTOR_TOKEN")}
	var raw []byte
	if c.verb == "add" {
		var err error
		if raw, err = os.ReadFile(filepath.Clean(c.arg)); err != nil {
			return err
		}
		if _, err := classify.ReadLinear(raw); err != nil {
			return fmt.Errorf("%s is no model, or a damaged one", c.arg)
		}
	}
	if err := a.enter(ctx, c.user); err != nil {
		return err
	}
	var now seenModels
	switch c.verb {
	case "list":
		if err := a.ask(ctx, "/api/v1/models", nil, &now); err != nil {
			return err
		}
		return now.list(term.out)
	case "add":
		return c.add(ctx, a, raw, term.out)
	default:
		if err := a.ask(ctx, "/api/v1/models/"+c.verb, map[string]string{"model": c.arg}, &now); err != nil {
			return err
		}
		_, err := fmt.Fprintf(term.out, "decides: %s\nshadow:  %s\nbefore:  %s\n", now.called(now.Current), now.called(now.Shadow), now.called(now.Previous))
		return err
	}
}

// add brings a model and prints its name.
func (c modelCall) add(ctx context.Context, a api, raw []byte, out io.Writer) error {
	reading := c.reading
	if reading == "" {
		reading = classify.Reading()
	}
	var now seenModels
	path := "/api/v1/models?reading=" + url.QueryEscape(reading)
	if err := a.do(ctx, http.MethodPost, path, "application/octet-stream", raw, &now); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, model.NameOf(raw))
	return err
}

// called gives a model's name with what it is called in results.
func (m seenModels) called(name string) string {
	if name == model.Embedded {
		return name + "  " + shown(m.Own.Label)
	}
	for _, one := range m.Items {
		if one.Name == name {
			return name[:min(16, len(name))] + "  " + shown(one.Label)
		}
	}
	return shown(name)
}

func (m seenModels) list(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	state := func(name string) string {
		switch name {
		case m.Current:
			return "decides"
		case m.Shadow:
			return "shadow"
		case m.Previous:
			return "before"
		default:
			return ""
		}
	}
	_, _ = fmt.Fprintf(table, "NAME\tCALLED\tSTATE\tADDED\tBY\n%s\t%s\t%s\t\t\n", model.Embedded, shown(m.Own.Label), state(model.Embedded))
	for _, one := range m.Items {
		is := state(one.Name)
		if !one.Usable {
			is = strings.TrimSpace(is + " (unusable: reads " + one.Reading + ")")
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", one.Name[:min(16, len(one.Name))], shown(one.Label), shown(is), one.AddedAt.Format(time.DateOnly), shown(one.AddedBy.ID))
	}
	if len(m.Steps) > 0 {
		_, _ = fmt.Fprint(table, "\nWHEN\tWHAT\tFROM\tTO\tBY\n")
	}
	for _, s := range m.Steps {
		short := func(name string) string { return shown(name[:min(16, len(name))]) }
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", s.At.Format(time.RFC3339), shown(strings.TrimPrefix(s.Kind, "model.")), short(s.From), short(s.To), shown(s.By.ID))
	}
	return table.Flush()
}
