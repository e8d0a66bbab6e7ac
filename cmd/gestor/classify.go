package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sence.gob.cl/gestor/shared/classify"
	"sence.gob.cl/gestor/shared/mention"
)

const classifyHelp = `usage: gestor classify [FILE]

Reads mentions as JSON lines {"id","text","platform","public"} and prints one JSON line for each: intent, probabilities,
set, urgency, topics, sentiment, pii, flags, reasons and model. FILE absent or - is standard input. A line that is no such
object ends the run with exit code 1.
`

// longestLine is the longest input line, in bytes.
const longestLine = 8 << 20

// classifyLine is one line of input; ID is given back as it came.
type classifyLine struct {
	ID       json.RawMessage `json:"id"`
	Text     *string         `json:"text"`
	Platform mention.Network `json:"platform"`
	Public   bool            `json:"public"`
}

func runClassify(ctx context.Context, args []string, term terminal) int {
	set := flag.NewFlagSet("classify", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	err := set.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprint(term.out, classifyHelp)
		return exitDone
	}
	if err != nil {
		return term.misuse("classify", err)
	}
	if set.NArg() > 1 {
		return term.misuse("classify", errors.New("more than one FILE"))
	}
	in := term.in
	if name := set.Arg(0); name != "" && name != "-" {
		file, err := os.Open(filepath.Clean(name))
		if err != nil {
			return term.fail("classify", err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	if err := classifyAll(ctx, in, term.out); err != nil {
		return term.fail("classify", err)
	}
	return exitDone
}

// classifyAll answers each line of in on out, and stops at the first it cannot read; what was answered before is written.
func classifyAll(ctx context.Context, in io.Reader, out io.Writer) error {
	buffered := bufio.NewWriter(out)
	err := classifyLines(ctx, in, buffered)
	if flushed := buffered.Flush(); err == nil {
		err = flushed
	}
	return err
}

func classifyLines(ctx context.Context, in io.Reader, out io.Writer) error {
	classifier := classify.New()
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), longestLine)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	n := 0
	for lines.Scan() {
		n++
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		line, err := parseClassifyLine(lines.Bytes())
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		result := classifier.Classify(classify.Input{Text: *line.Text, Network: line.Platform, Public: line.Public})
		if err := encoder.Encode(struct {
			ID json.RawMessage `json:"id,omitempty"`
			classify.Result
		}{line.ID, result}); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w", n+1, err)
	}
	return nil
}

// parseClassifyLine reads one line. Its errors do not quote the line, which holds a citizen's words.
func parseClassifyLine(raw []byte) (classifyLine, error) {
	var line classifyLine
	if err := json.Unmarshal(raw, &line); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) && kind.Field != "" {
			return line, fmt.Errorf("%s is not a %s", kind.Field, kind.Type)
		}
		return line, errors.New("not a JSON object")
	}
	if line.Text == nil {
		return line, errors.New("text is missing")
	}
	return line, nil
}
