"""Every module with verbs, imported so that `kernel.VERBS` is complete. Whoever serves or walks verbs imports this."""

from contact_center.actions import (
    accounts,
    admin,
    admin_texts,
    attachments,
    captures,
    citizens,
    conversations,
    desk,
    engine,
    first_user,
    folio_query,
    health,
    marks,
    messages,
    office,
    people,
    petition_links,
    petition_moves,
    petitions,
    presence,
    setup,
    survey,
    transfers,
    visits,
    work,
)

MODULES = (
    *(accounts, admin, admin_texts, attachments, captures, citizens, conversations, desk, engine, first_user),
    *(folio_query, health, marks, messages, office, people, petition_links, petition_moves, petitions, presence),
    *(setup, survey, transfers, visits, work),
)
