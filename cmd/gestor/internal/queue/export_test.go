package queue

import "runtime"

// Await waits until n receivers wait at a queue.
func (s *Service) Await(name string, n int) {
	for {
		s.mu.Lock()
		waiting := s.queues[name].waiting
		s.mu.Unlock()
		if waiting == n {
			return
		}
		runtime.Gosched()
	}
}

// CompactAt lowers the log size that makes the service rewrite it.
func (s *Service) CompactAt(floor int64) { s.journal.floor = floor }

// Syncs counts how often the log was synced; call it after Close.
func (s *Service) Syncs() int64 { return s.journal.syncs }

// BreakLog makes every later write fail, as a full disk does.
func (s *Service) BreakLog() { _ = s.journal.file.Close() }

// Dir is where the log is.
func (s *Service) Dir() string { return s.journal.dir }

// Settle waits until every move and delete that was begun is in memory.
func (s *Service) Settle() {
	for {
		s.mu.Lock()
		pending := s.pending
		s.mu.Unlock()
		if pending == 0 {
			return
		}
		runtime.Gosched()
	}
}
