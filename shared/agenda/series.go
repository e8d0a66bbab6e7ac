package agenda

import "fmt"

// MemberID is the id of the post at a place of a series, which counts from 1: whoever knows the series knows them all.
func MemberID(series string, place int) string { return fmt.Sprintf("%s-%02d", series, place) }
