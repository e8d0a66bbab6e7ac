//go:build unix

package lambda

import (
	"bytes"
	"encoding/json"
	"io"
	"sync"
	"time"
)

// maxLine is the most bytes of a line that are kept together; CloudWatch cuts at 256 KiB too.
const maxLine = 256 << 10

// output writes whole lines of all functions to one writer.
type output struct {
	mu    sync.Mutex
	to    io.Writer
	clock func() time.Time
}

func newOutput(to io.Writer, clock func() time.Time) *output {
	if to == nil {
		to = io.Discard
	}
	return &output{to: to, clock: clock}
}

// lines collects what one process prints; it may write to it from several goroutines.
func (o *output) lines(function string) *lines { return &lines{output: o, function: function} }

type lines struct {
	output   *output
	function string

	mu      sync.Mutex
	partial []byte
}

// Write passes on every line that is complete.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.partial = append(l.partial, p...)
	for {
		line, rest, complete := bytes.Cut(l.partial, []byte("\n"))
		if !complete && len(line) < maxLine {
			break
		}
		if !complete {
			line, rest = l.partial[:maxLine], l.partial[maxLine:]
		}
		l.output.write(l.function, line)
		l.partial = append(l.partial[:0:0], rest...)
	}
	return len(p), nil
}

// flush passes on a last line without an end.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.partial) > 0 {
		l.output.write(l.function, l.partial)
		l.partial = nil
	}
}

// write puts one line out as a JSON object: the function's own with its name in front, anything else (a panic, the
// runtime's own messages) wrapped. A writer that fails loses the line, never the function.
func (o *output) write(function string, line []byte) {
	line = bytes.TrimSpace(line)
	if len(line) == 0 {
		return
	}
	name, err := json.Marshal(function)
	if err != nil {
		return
	}
	var out []byte
	switch {
	case line[0] == '{' && json.Valid(line) && bytes.Contains(line, []byte(`"function":`)):
		out = line
	case line[0] == '{' && json.Valid(line) && len(bytes.TrimSpace(line[1:])) > 1:
		out = append([]byte(`{"function":`+string(name)+`,`), line[1:]...)
	default:
		out, err = json.Marshal(struct {
			Function string    `json:"function"`
			Time     time.Time `json:"time"`
			Message  string    `json:"msg"`
		}{function, o.clock(), string(line)})
		if err != nil {
			return
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	_, _ = o.to.Write(append(out[:len(out):len(out)], '\n'))
}
