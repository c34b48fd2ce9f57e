package services

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// StockQuery asks for the stock of a day.
type StockQuery struct {
	Place  string // empty: all
	Date   string // YYYY-MM-DD; empty: today in the city
	After  string // cursor: list places whose id comes after this one
	Places int    // at most this many; 0: all
}

// StockPage is part of the answer. Next is the cursor of the following page, empty on the last.
type StockPage struct {
	Stock []Stock
	Next  string
}

// Stock is one session of one place on one day, as staff see it. Its capacity is the pool's where tickets have been sold.
type Stock struct {
	Place, Date string
	Hours
	Sold int
}

// Bookings lists bookings for staff, newest first, from before the given id (empty: from the newest).
func (s *Service) Bookings(ctx context.Context, before string, limit int) ([]Booking, error) {
	return s.store.Bookings(ctx, s.tenant, before, limit)
}

// Inventory lists the stock of a day place by place, in the order of their ids. What cannot be asked is a *tool.Error.
func (s *Service) Inventory(ctx context.Context, q StockQuery) (StockPage, error) {
	if q.Date == "" {
		q.Date = s.now().In(s.zone).Format(time.DateOnly)
	}
	if _, err := time.Parse(time.DateOnly, q.Date); err != nil {
		return StockPage{}, refuse(tool.Invalid, "date", "must be a date YYYY-MM-DD")
	}
	places, err := s.places(q)
	if err != nil {
		return StockPage{}, err
	}
	var page StockPage
	for i, p := range places {
		if i > 0 && i == q.Places {
			page.Next = places[i-1].ID
			break
		}
		pools, err := s.store.Pools(ctx, s.tenant, p.ID, q.Date)
		if err != nil {
			return StockPage{}, err
		}
		for _, h := range p.Sessions {
			if pool, ok := pools[h.Session]; ok {
				h.Capacity = pool.Capacity
			}
			page.Stock = append(page.Stock, Stock{Place: p.ID, Date: q.Date, Hours: h, Sold: pools[h.Session].Sold})
		}
	}
	return page, nil
}

// places returns the places the query is about, in the order of their ids.
func (s *Service) places(q StockQuery) ([]Place, error) {
	places := slices.Clone(s.catalogue.Places())
	if q.Place != "" {
		p, ok := s.catalogue.Place(q.Place)
		if !ok {
			return nil, refuse(tool.NotFound, "place", "no such place")
		}
		places = []Place{p}
	}
	places = slices.DeleteFunc(places, func(p Place) bool { return p.ID <= q.After })
	slices.SortFunc(places, func(a, b Place) int { return strings.Compare(a.ID, b.ID) })
	return places, nil
}
