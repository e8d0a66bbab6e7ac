package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
)

// example is one mention with what people said of it.
type example struct {
	id, voice string
	split     string
	in        classify.Input
	intent    classify.Intent
	urgency   classify.Urgency
	tone      classify.Sentiment
	topics    []string
	pii       []string
	hard      string
	features  []classify.Feature
	share     float64  // how much it counts in training
	heard     []string // topics of which a rule heard a word
}

// columns of the table of a voice.
const columns = 10

// readVoice reads the table of one voice: network, public, intent, secondary, urgency, sentiment, topics, pii, hard, text.
func readVoice(path string) ([]example, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	voice := strings.TrimSuffix(filepath.Base(path), ".tsv")
	var all []example
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if n == 1 || lines.Text() == "" {
			continue
		}
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != columns {
			return nil, fmt.Errorf("%s:%d: %d columns, want %d", path, n, len(fields), columns)
		}
		e := example{
			id: fmt.Sprintf("%s-%03d", voice, n-1), voice: voice, intent: classify.Intent(fields[2]), urgency: classify.Urgency(fields[4]), tone: classify.Sentiment(fields[5]),
			topics: listOf(fields[6]), pii: listOf(fields[7]), hard: fields[8], share: 1,
			in: classify.Input{
				Text: strings.ReplaceAll(fields[9], `\n`, "\n"), Network: mention.Network(fields[0]), Public: fields[1] == "1",
			},
		}
		if !e.intent.Known() || !slices.Contains(classify.Urgencies(), e.urgency) || !slices.Contains(classify.Sentiments(), e.tone) || !e.in.Network.Known() {
			return nil, fmt.Errorf("%s:%d: a code that does not exist", path, n)
		}
		all = append(all, e)
	}
	return all, lines.Err()
}

func listOf(field string) []string {
	if field == "-" || field == "" {
		return nil
	}
	return strings.Split(field, ",")
}

// voice is one author of mentions: who they are, and what they are for (train, tune or test).
type voice struct{ name, split, description string }

// corpus is all mentions, by voice in the order of the table of voices.
type corpus struct {
	voices   []voice
	examples []example
	second   map[string][2]string // of a second annotator, by id: intent and urgency
	settled  map[string]string    // where the annotators differed and it was settled: the intent the first had said, by id
}

// readAll reads the table of voices, their mentions with their features, what the second annotator said, and what was settled.
func readAll(dir string, read *classify.Classifier) (corpus, error) {
	var all corpus
	table, err := rowsOf(filepath.Join(dir, "voces.txt"), 3)
	if err != nil {
		return all, err
	}
	for _, row := range table {
		v := voice{row[0], row[1], row[2]}
		examples, err := readVoice(filepath.Join(dir, v.name+".tsv"))
		if err != nil {
			return all, err
		}
		for i := range examples {
			examples[i].split = v.split
			features, heard := read.Features(examples[i].in)
			examples[i].features, examples[i].heard = slices.Clone(features), heard
		}
		all.voices, all.examples = append(all.voices, v), append(all.examples, examples...)
	}
	rows, err := rowsOf(filepath.Join(dir, "segunda.txt"), 3)
	all.second = map[string][2]string{}
	for _, row := range rows {
		all.second[row[0]] = [2]string{row[1], row[2]}
	}
	if err != nil {
		return all, err
	}
	rows, err = rowsOf(filepath.Join(dir, "zanjadas.txt"), 2)
	all.settled = map[string]string{}
	for _, row := range rows {
		all.settled[row[0]] = row[1]
	}
	return all, err
}

// rowsOf reads a table, without its first line.
func rowsOf(path string, columns int) ([][]string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for n, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		fields := strings.Split(line, "\t")
		if len(fields) != columns {
			return nil, fmt.Errorf("%s:%d: %d columns, want %d", path, n+1, len(fields), columns)
		}
		if n > 0 {
			rows = append(rows, fields)
		}
	}
	return rows, nil
}

// of gives the examples of some splits.
func (c corpus) of(splits ...string) []example {
	var out []example
	for _, e := range c.examples {
		if slices.Contains(splits, e.split) {
			out = append(out, e)
		}
	}
	return out
}

// answers asks a classifier about the examples of a split.
func (c corpus) answers(with *classify.Classifier, split string) []answer {
	var out []answer
	for _, e := range c.of(split) {
		out = append(out, answer{e, with.Classify(e.in)})
	}
	return out
}
