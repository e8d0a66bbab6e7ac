package queue

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

const (
	journalName  = "queues.log"
	journalDraft = "queues.log.new"
	lockName     = "lock"
	// compactFloor is how much a log may hold beyond twice its live content before it is rewritten.
	compactFloor = 16 << 20
)

// journal is the append-only file. Each line is one batch: the CRC-32C of the rest in eight hex digits, a space, and a
// JSON array of records. A batch that was cut short by a crash is therefore one bad last line, and nobody was told that
// it had been written; a bad line before the last is damage.
type journal struct {
	dir   string
	lock  *os.File
	file  *os.File
	size  int64
	floor int64 // compactFloor, smaller in tests
	syncs int64 // how often the file was synced
}

// openJournal takes the directory for this process.
func openJournal(dir string) (*journal, error) {
	lock, err := os.OpenFile(filepath.Clean(filepath.Join(dir, lockName)), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := exclusive(lock); err != nil {
		_ = lock.Close()
		return nil, fmt.Errorf("%s is in use by another process: %w", dir, err)
	}
	return &journal{dir: dir, lock: lock, floor: compactFloor}, nil
}

// replay hands every record of the log to apply, in order, and answers how many bytes of an unfinished write it left out.
func (j *journal) replay(apply func(record) error) (torn int64, err error) {
	file, err := os.Open(filepath.Join(j.dir, journalName))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }() // it was only read
	in := bufio.NewReaderSize(file, 1<<20)
	for line := 1; ; line++ {
		text, readErr := in.ReadBytes('\n')
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return 0, readErr
		}
		if len(text) == 0 {
			return 0, nil
		}
		records, bad := decodeLine(text)
		if bad != nil {
			if _, err := in.Peek(1); errors.Is(err, io.EOF) {
				return int64(len(text)), nil
			}
			return 0, fmt.Errorf("%s line %d: %w", journalName, line, bad)
		}
		for _, r := range records {
			if err := apply(r); err != nil {
				return 0, fmt.Errorf("%s line %d: %w", journalName, line, err)
			}
		}
	}
}

// append writes the records as one batch; with durable it returns when they are on disk.
func (j *journal) append(records []record, durable bool) error {
	line, err := encodeLine(records)
	if err != nil {
		return err
	}
	n, err := j.file.Write(line)
	j.size += int64(n)
	if err != nil || !durable {
		return err
	}
	j.syncs++
	return j.file.Sync()
}

// bloated reports whether the log is worth rewriting for this much live content.
func (j *journal) bloated(live int64) bool { return j.size > 2*live+j.floor }

// compact replaces the log by one that holds only these records, and goes on with it. A crash on the way leaves the old
// log in place.
func (j *journal) compact(records []record) error {
	draft := filepath.Join(j.dir, journalDraft)
	file, err := os.OpenFile(filepath.Clean(draft), os.O_CREATE|os.O_TRUNC|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	size, err := fill(file, records)
	if err == nil {
		err = os.Rename(draft, filepath.Join(j.dir, journalName))
	}
	if err == nil {
		err = syncDir(j.dir)
	}
	if err != nil {
		_ = file.Close()
		return err
	}
	if j.file != nil {
		_ = j.file.Close() // all of it was synced or is in the new file
	}
	j.file, j.size = file, size
	return nil
}

// fill writes the records in batches of a thousand and syncs.
func fill(file *os.File, records []record) (size int64, err error) {
	out := bufio.NewWriterSize(file, 1<<20)
	for len(records) > 0 {
		some := records[:min(len(records), 1000)]
		records = records[len(some):]
		line, err := encodeLine(some)
		if err != nil {
			return 0, err
		}
		size += int64(len(line))
		if _, err := out.Write(line); err != nil {
			return 0, err
		}
	}
	if err := out.Flush(); err != nil {
		return 0, err
	}
	return size, file.Sync()
}

// syncDir makes a rename in dir last.
func syncDir(dir string) error {
	d, err := os.Open(filepath.Clean(dir))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// close syncs and lets the directory go.
func (j *journal) close() error {
	var err error
	if j.file != nil {
		err = errors.Join(j.file.Sync(), j.file.Close())
	}
	return errors.Join(err, j.lock.Close())
}

// sum is the checksum of a line's content.
func sum(text []byte) uint32 { return crc32.Checksum(text, crc32.MakeTable(crc32.Castagnoli)) }

// encodeLine gives one line of the log.
func encodeLine(records []record) ([]byte, error) {
	text, err := json.Marshal(records)
	if err != nil {
		return nil, err
	}
	line := make([]byte, 0, len(text)+10)
	line = fmt.Appendf(line, "%08x ", sum(text))
	line = append(line, text...)
	return append(line, '\n'), nil
}

// decodeLine reads one line of the log; an error means it is not what encodeLine gave.
func decodeLine(line []byte) ([]record, error) {
	head, text, found := bytes.Cut(line, []byte(" "))
	if !found || len(head) != 8 || !bytes.HasSuffix(text, []byte("\n")) {
		return nil, errors.New("no complete line")
	}
	text = text[:len(text)-1]
	want, err := strconv.ParseUint(string(head), 16, 32)
	if err != nil || uint32(want) != sum(text) {
		return nil, errors.New("checksum differs")
	}
	var records []record
	if err := json.Unmarshal(text, &records); err != nil {
		return nil, fmt.Errorf("no records: %w", err)
	}
	return records, nil
}
