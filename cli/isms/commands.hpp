// The commands below `annexa isms` and beside it, a function a subject.
#pragma once

namespace annexa::cli {

class Command;

void add_isms_init(Command& isms);     // init
void add_isms_gaps(Command& isms);     // gaps
void add_isms_list(Command& isms);     // list, get, history
void add_isms_kinds(Command& isms);    // kinds, describe
void add_isms_set(Command& isms);      // set, delete, erase
void add_isms_approve(Command& isms);  // approve, reject
void add_isms_act(Command& isms);      // act
void add_isms_files(Command& isms);    // attach, download
void add_isms_report(Command& isms);   // report
void add_isms_folder(Command& isms);   // export, apply
void add_isms_import(Command& isms);   // import
void add_soa(Command& line);           // soa
void add_todo(Command& line);          // todo
void add_audit(Command& line);         // audit

}  // namespace annexa::cli
