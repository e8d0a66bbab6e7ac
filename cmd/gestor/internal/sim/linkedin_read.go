package sim

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// linkedinKeeps is how long LinkedIn keeps notifications.
const linkedinKeeps = 60 * 24 * time.Hour

// linkedinOne is GET /rest/socialActions/{post}/comments/{comment}.
func (s *Simulator) linkedinOne(w http.ResponseWriter, urn, id string) {
	var found obj
	var err error
	s.read(func(w *world) {
		var it *item
		if it, err = w.linkedinComment(urn, id); err == nil {
			found = it.linkedinView()
		}
	})
	if err != nil {
		writeLinkedInError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, found)
}

// linkedinPost is GET /rest/posts/{post}.
func (s *Simulator) linkedinPost(w http.ResponseWriter, urn string) {
	var found obj
	var err error
	s.read(func(w *world) {
		var it *item
		if it, err = w.linkedinObject(urn); err == nil && it.Kind != kindComment {
			found = it.linkedinPostView()
		}
	})
	switch {
	case err != nil:
		writeLinkedInError(w, err)
	case found == nil:
		writeLinkedInError(w, noResource())
	default:
		writeJSON(w, http.StatusOK, found)
	}
}

// littleText escapes what means something in the text of a post.
func littleText(text string) string {
	var out strings.Builder
	for _, r := range text {
		if strings.ContainsRune(`\|{}@[]()<>#*_~`, r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// linkedinPerson is GET /rest/people/(id:…): the name of somebody who wrote.
func (s *Simulator) linkedinPerson(w http.ResponseWriter, key string) {
	id := strings.TrimSuffix(strings.TrimPrefix(key, "(id:"), ")")
	name := ""
	s.read(func(w *world) {
		for _, it := range w.items {
			if it.Network == targetLinkedIn && it.From.ID == "urn:li:person:"+id {
				name = it.From.Name
			}
		}
	})
	if name == "" {
		writeLinkedInError(w, &linkedinError{http.StatusNotFound, 0, "NOT_FOUND", "The requested member could not be found"})
		return
	}
	first, last, _ := strings.Cut(name, " ")
	writeJSON(w, http.StatusOK, obj{"id": id, "localizedFirstName": first, "localizedLastName": last})
}

// linkedinRange reads timeRange=(start:…,end:…), in milliseconds.
var linkedinRange = regexp.MustCompile(`^\((?:start:([0-9]{1,15}))?,?(?:end:([0-9]{1,15}))?\)$`)

// linkedinNotices is GET /rest/organizationalEntityNotifications?q=criteria: what happened on our page, newest first.
func (s *Simulator) linkedinNotices(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	n, _ := networkOf(targetLinkedIn)
	from, to := s.cfg.Clock().Add(-linkedinKeeps), time.Time{}
	if span := linkedinRange.FindStringSubmatch(q.Get("timeRange")); span != nil {
		if ms, err := strconv.ParseInt(span[1], 10, 64); err == nil && time.UnixMilli(ms).After(from) {
			from = time.UnixMilli(ms)
		}
		if ms, err := strconv.ParseInt(span[2], 10, 64); err == nil {
			to = time.UnixMilli(ms)
		}
	}
	if q.Get("q") != "criteria" || q.Get("organizationalEntity") == "" {
		writeLinkedInError(w, &linkedinError{http.StatusBadRequest, 0, "ILLEGAL_ARGUMENT", "q=criteria and organizationalEntity are required"})
		return
	}
	list := []obj{}
	if q.Get("organizationalEntity") == n.Account {
		asked := strings.Split(strings.TrimSuffix(strings.TrimPrefix(q.Get("actions"), "List("), ")"), ",")
		s.read(func(w *world) { list = w.noticesOf(asked, from, to) })
	}
	s.writeLinkedInList(w, r, list)
}

// noticesOf gives what happened between two instants, newest first, of the actions asked for.
func (w *world) noticesOf(actions []string, from, to time.Time) []obj {
	type dated struct {
		at     time.Time
		id     string
		notice obj
	}
	var all []dated
	for _, it := range w.items {
		if it.Network != targetLinkedIn || it.Seed {
			continue
		}
		for verb, at := range it.happened() {
			action := linkedinAction(it, verb)
			asked := action != "" && (actions[0] == "" || slices.Contains(actions, action))
			if asked && !at.Before(from) && (to.IsZero() || !at.After(to)) {
				all = append(all, dated{at, it.ID, w.linkedinNotice(it, action, at)})
			}
		}
	}
	slices.SortFunc(all, func(a, b dated) int {
		if by := b.at.Compare(a.at); by != 0 {
			return by
		}
		if older(lastNumber(a.id), lastNumber(b.id)) {
			return 1
		}
		return -1
	})
	list := make([]obj, 0, len(all))
	for _, one := range all {
		list = append(list, one.notice)
	}
	return list
}

// happened says when a text was written, and when it was last changed or taken away.
func (i *item) happened() map[string]time.Time {
	all := map[string]time.Time{verbAdd: i.At}
	changed := i.Changed
	if changed.IsZero() {
		changed = i.At
	}
	switch {
	case i.Removed:
		all[verbRemove] = changed
	case i.Edits > 0:
		all[verbEdited] = changed
	}
	return all
}

// writeLinkedInList answers one page of a list; start and count say which.
func (s *Simulator) writeLinkedInList(w http.ResponseWriter, r *http.Request, all []obj) {
	start, _ := strconv.Atoi(r.URL.Query().Get("start")) // not a number: from the beginning
	count, err := strconv.Atoi(r.URL.Query().Get("count"))
	if err != nil || count < 1 {
		count = 10
	}
	count, start = min(count, 100), max(start, 0)
	total := len(all)
	links := []any{}
	if start+count < total {
		q := r.URL.Query()
		q.Set("start", strconv.Itoa(start+count))
		links = append(links, obj{"type": "application/json", "rel": "next", "href": strings.TrimPrefix(r.URL.Path, "/linkedin-api") + "?" + q.Encode()})
	}
	if s.strays(targetLinkedIn) {
		links = []any{obj{"type": "application/json", "rel": "next", "href": foreignHost + r.URL.Path}}
	}
	writeJSON(w, http.StatusOK, obj{
		"elements": all[min(start, total):min(start+count, total)],
		"paging":   obj{"start": start, "count": count, "total": total, "links": links},
	})
}
