"""The month: prepare, send, settle, survey. The only place where core meets shell."""

from elite_lib.batch.adopting import adopt_journal
from elite_lib.batch.certifying import Certified, certificate_period, make_certificates
from elite_lib.batch.changes import changes_since_last_month, marks
from elite_lib.batch.collecting import Collected, Reading, clear_address, collect, sources_of
from elite_lib.batch.enclosing import as_attachment
from elite_lib.batch.ending import Run, Stop, rehearsal, run_of
from elite_lib.batch.evidence import GRACE, Sought, settle_by_evidence
from elite_lib.batch.forecasting import Outlook, expected_end
from elite_lib.batch.grouping import Mate, mate
from elite_lib.batch.handed import settle_handed
from elite_lib.batch.handing import LOCAL, hand_over, handover_methods
from elite_lib.batch.history import SentMessage, history, sent_message
from elite_lib.batch.keeping import Restoration, back_up, restore_journal
from elite_lib.batch.loading import load_tables, workbook_password
from elite_lib.batch.means import Clock, Means
from elite_lib.batch.office import Office, open_home
from elite_lib.batch.papers import Papers, Unplaced
from elite_lib.batch.picking import Already
from elite_lib.batch.piling import Pile, print_one, print_pile
from elite_lib.batch.preparing import (
    Prepared,
    addresses_set_aside,
    month_batch,
    newest_batch,
    prepare,
    read_plan,
    wait_for_account,
)
from elite_lib.batch.purging import Kept, Purge, look_for_person, look_for_purge, purge
from elite_lib.batch.retrying import Retry, refused, retry_refused
from elite_lib.batch.running import run
from elite_lib.batch.sending import SystemClock, new_run_id, send
from elite_lib.batch.settling import settle, untick
from elite_lib.batch.single import (
    Addressee,
    Single,
    addressees,
    freeze_single,
    send_single,
    write_single,
)
from elite_lib.batch.surveying import Survey, survey

__all__ = [
    "GRACE",
    "LOCAL",
    "Addressee",
    "Already",
    "Certified",
    "Clock",
    "Collected",
    "Kept",
    "Mate",
    "Means",
    "Office",
    "Outlook",
    "Papers",
    "Pile",
    "Prepared",
    "Purge",
    "Reading",
    "Restoration",
    "Retry",
    "Run",
    "SentMessage",
    "Single",
    "Sought",
    "Stop",
    "Survey",
    "SystemClock",
    "Unplaced",
    "addressees",
    "addresses_set_aside",
    "adopt_journal",
    "as_attachment",
    "back_up",
    "certificate_period",
    "changes_since_last_month",
    "clear_address",
    "collect",
    "expected_end",
    "freeze_single",
    "hand_over",
    "handover_methods",
    "history",
    "load_tables",
    "look_for_person",
    "look_for_purge",
    "make_certificates",
    "marks",
    "mate",
    "month_batch",
    "new_run_id",
    "newest_batch",
    "open_home",
    "prepare",
    "print_one",
    "print_pile",
    "purge",
    "read_plan",
    "refused",
    "rehearsal",
    "restore_journal",
    "retry_refused",
    "run",
    "run_of",
    "send",
    "send_single",
    "sent_message",
    "settle",
    "settle_by_evidence",
    "settle_handed",
    "sources_of",
    "survey",
    "untick",
    "wait_for_account",
    "workbook_password",
    "write_single",
]
