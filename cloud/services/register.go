package services

import (
	"context"

	"github.com/laoyou/laoyou/agents/tasks/tool"
)

// register gives a patient a number in the queue of a clinic. The back end sees no name and no whole document number.
func (s *Service) register(ctx context.Context, booth, key string, a tool.RegisterArgs) (*tool.Booking, error) {
	if err := a.Validate(); err != nil {
		return nil, err
	}
	act, err := newAct(s.tenant, booth, tool.HospitalRegister, key, a)
	if err != nil {
		return nil, err
	}
	one := tool.BookArgs{Place: a.Place, Date: a.Date, Session: a.Session, Tickets: 1}
	return s.reserve(ctx, act, booth, order{BookArgs: one, patient: &a})
}

// registration is what is kept of a patient; the store adds the number in the queue.
func (p Place) registration(a tool.RegisterArgs) tool.Registration {
	return tool.Registration{Document: a.Document, Tail: a.Tail, FeeYuan: p.FeeYuan, FeeVerified: p.FeeVerified}
}
