package dynamo

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"sence.gob.cl/gestor/shared/agenda"
	"sence.gob.cl/gestor/shared/fault"
	"sence.gob.cl/gestor/shared/post"
	"sence.gob.cl/gestor/shared/ticket"
)

// attrFile, on the item of a sum, is the file it leads to.
const attrFile = "file"

// coherentFile is coherent for a file of the library: what may be published is kept, and what ended is forgotten some day.
func coherentFile(l *post.LibraryFile) error {
	if l == nil {
		return nil
	}
	ended := l.State == post.FileRefused || l.State == post.FileRemoved
	switch {
	case l.ID == "" || !l.State.Known():
		return errors.New("file without id, or in no state")
	case ended == l.Expires.IsZero():
		return errors.New("file of the library expires, or one that ended never does")
	default:
		return nil
	}
}

// fileOps are a file of the library, and what leads to it from its bytes.
func (p *plan) fileOps(c ticket.Change) {
	l := c.File
	if l == nil {
		return
	}
	p.add(p.store.knownOp(fileKey(l.ID), l.Rev, l, l.Expires))
	if l.Sum == "" {
		return
	}
	o := op{verb: put, table: p.store.work, item: item(fileSumKey(l.Sum))}
	switch l.State {
	case post.FileReady:
		o.item[attrFile] = text(l.ID)
	case post.FileRemoved:
		o.verb = remove
	case post.FileWaiting, post.FileRefused:
		return
	}
	p.add(o.when("attribute_not_exists(#pk) OR #file = :file", pkName("#file", attrFile), attrs{":file": text(l.ID)},
		as(refusal{rankSameFile, fault.Conflict, ticket.ErrSameFile, ": file"})), nil)
}

// File gives a file of the library, if there is one; whether it ended its State tells.
func (s *Store) File(ctx context.Context, id string) (post.LibraryFile, bool, error) {
	var l post.LibraryFile
	found, is, err := s.maybeDoc(ctx, "dynamo.File", fileKey(id), &l)
	l.Expires = found.expiry()
	return l, is, err
}

// FileBySum gives the file of the library that is ready and has the very bytes of this SHA-256, if there is one.
func (s *Store) FileBySum(ctx context.Context, sum string) (post.LibraryFile, bool, error) {
	found, err := s.get(ctx, "dynamo.FileBySum", fileSumKey(sum))
	if err != nil || found == nil {
		return post.LibraryFile{}, false, err
	}
	l, is, err := s.File(ctx, found.text(attrFile))
	return l, is && l.State == post.FileReady, err
}

// FileUsed reports whether a post that is not over carries the file, whichever network it says so for. It reads indexes, so that a
// post of this moment can be missed: what is published later says then that its file is gone.
func (s *Store) FileUsed(ctx context.Context, id string) (bool, error) {
	now := s.now(ctx)
	looks := []func() ([]agenda.Plan, error){
		func() ([]agenda.Plan, error) { return s.Calendar(ctx, now.Add(-usedBefore), now.Add(usedAhead), true) },
		func() ([]agenda.Plan, error) { return s.Waiting(ctx, "", true) },
	}
	for _, state := range []post.State{post.Draft, post.Submitted, post.Rejected} {
		looks = append(looks, func() ([]agenda.Plan, error) { return s.Waiting(ctx, state, false) })
	}
	for _, look := range looks {
		plans, err := look()
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(plans, func(p agenda.Plan) bool { return !over(p) && p.Post.Carries(id) }) {
			return true, nil
		}
	}
	return false, nil
}

// over reports whether nothing of a post is still to be said: while one network waits it is not, whatever became of the others.
func over(p agenda.Plan) bool {
	if p.Post.State != post.Planned {
		return p.Post.State.Ended()
	}
	return !slices.ContainsFunc(p.Targets, func(t post.Target) bool { return !t.State.Ended() })
}

// A post that is planned and not over has its moment within this time: what was missed is in the list of failures, and nobody plans
// further ahead than the calendar shows.
const (
	usedBefore = 30 * 24 * time.Hour
	usedAhead  = longestCalendar - usedBefore
)

// Files gives one page of the library, the newest first, of what match says yes to, and the cursor of the next page, "" at the
// end. A page looks at no more than examined files, so it can be shorter than asked for and still have a next one.
func (s *Store) Files(ctx context.Context, match func(post.LibraryFile) bool, cursor string, limit int) (page []post.LibraryFile, next string, err error) {
	const op = "dynamo.Files"
	in := scope{table: s.work, pkName: attrPK, skName: attrSK, pk: filesPK, descending: true, limit: pageMax}
	if cursor != "" {
		parts, err := decodeCursor(op, cursor, cursorLibrary, 1)
		if err != nil {
			return nil, "", err
		}
		if in.before = parts[0]; in.before == "" || strings.ContainsAny(in.before, "#|") {
			return nil, "", badCursor(op)
		}
	}
	limit, looked, last := pageSize(limit), 0, ""
	err = s.each(ctx, op, in, func(found attrs) (bool, error) {
		if len(page) == limit || looked == examined {
			next = encodeCursor(cursorLibrary, last)
			return false, nil
		}
		var l post.LibraryFile
		if err := s.packer.doc(found, &l); err != nil {
			return false, err
		}
		l.Expires = found.expiry()
		looked++
		if last = found.text(attrSK); match == nil || match(l) {
			page = append(page, l)
		}
		return true, nil
	})
	if err != nil {
		return nil, "", err
	}
	return page, next, nil
}
