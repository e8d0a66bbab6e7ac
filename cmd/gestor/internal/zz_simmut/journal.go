package sim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// errJournal marks an answer that cannot be given because the world could not be written down.
var errJournal = errors.New("sim: journal")

// journal is the world's memory: one JSON line per commit, so that a commit is kept whole or not at all.
type journal struct {
	mu      sync.Mutex
	file    *os.File
	written uint64 // lines handed to the operating system
	broken  error  // first failure; what is in memory is not on the disk any more, so nothing is accepted

	syncing sync.Mutex
	synced  uint64 // lines known to be on the disk
}

// openJournal replays every line of the file and makes it ready for more. A last line without its end is what a crash
// leaves: nobody was told of it, so it is cut off.
func openJournal(path string, replay func([]change)) (*journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("sim: open journal: %w", err)
	}
	lines, size, err := readLines(file, replay)
	if err == nil {
		err = trim(file, size)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sim: replay %s: %w", path, err), file.Close())
	}
	return &journal{file: file, written: lines, synced: lines}, nil
}

// readLines replays whole lines and gives their number and length.
func readLines(file io.Reader, replay func([]change)) (lines uint64, size int64, err error) {
	r := bufio.NewReaderSize(file, 1<<16)
	for {
		line, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return lines, size, nil
		}
		if err != nil {
			return lines, size, fmt.Errorf("line %d: %w", lines+1, err)
		}
		var changes []change
		if err := json.Unmarshal(line, &changes); err != nil {
			return lines, size, fmt.Errorf("line %d: %w", lines+1, err)
		}
		replay(changes)
		lines++
		size += int64(len(line))
	}
}

func trim(file *os.File, size int64) error {
	if err := file.Truncate(size); err != nil {
		return fmt.Errorf("cut torn end: %w", err)
	}
	if _, err := file.Seek(size, io.SeekStart); err != nil {
		return fmt.Errorf("seek end: %w", err)
	}
	return nil
}

// syncFolder makes the file's name as durable as its content.
func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open folder: %w", err)
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// append writes one commit and gives the line to wait for with sync; without changes it gives the last line written,
// because an answer that repeats an earlier one must not overtake it.
func (j *journal) append(changes []change) (uint64, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil || len(changes) == 0 {
		return j.written, j.broken
	}
	line, err := json.Marshal(changes)
	if err == nil {
		_, err = j.file.Write(append(bytes.TrimSpace(line), '\n'))
	}
	if err != nil {
		j.broken = err
		return j.written, err
	}
	j.written++
	return j.written, nil
}

// sync answers once the line is on the disk; callers that wait together share one fsync.
func (j *journal) sync(line uint64) error {
	j.syncing.Lock()
	defer j.syncing.Unlock()
	if line <= j.synced {
		return nil
	}
	j.mu.Lock()
	upTo := j.written
	j.mu.Unlock()
	if err := j.file.Sync(); err != nil {
		j.mu.Lock()
		j.broken = err
		j.mu.Unlock()
		return err
	}
	j.synced = upTo
	return nil
}

// lines is how many commits the world has seen.
func (j *journal) lines() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.written
}

func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken == nil {
		j.broken = os.ErrClosed
	}
	return errors.Join(j.file.Sync(), j.file.Close())
}
