package load

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Acked is one item the system acknowledged: the journal's line.
type Acked struct {
	Key string    `json:"key"`
	At  time.Time `json:"at"`
}

// journal writes what was acknowledged, line by line, so that it survives the load itself being stopped.
type journal struct {
	mu   sync.Mutex
	file *os.File
	seen map[string]time.Time
}

func openJournal(path string) (*journal, error) {
	j := &journal{seen: map[string]time.Time{}}
	if path == "" {
		return j, nil
	}
	f, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	j.file = f
	return j, nil
}

// ack notes the first acknowledgement of an item.
func (j *journal) ack(a Acked) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, known := j.seen[a.Key]; known {
		return nil
	}
	j.seen[a.Key] = a.At
	if j.file == nil {
		return nil
	}
	line, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}

// ReadJournal gives what an earlier load wrote.
func ReadJournal(path string) (map[string]time.Time, error) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	defer func() { _ = f.Close() }()
	seen := map[string]time.Time{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		var a Acked
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil || a.Key == "" {
			return nil, fmt.Errorf("journal: line %d is not one of a load's", n)
		}
		seen[a.Key] = a.At
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return seen, nil
}
