      * A call, as `call_log --mainframe` writes it.
       01  CALL-RECORD.
           05  CALL-ID             PIC X(12).
           05  START-TIME          PIC X(19).
           05  CENTRE              PIC X(3).
           05  QUEUE               PIC X(10).
           05  DNIS                PIC X(10).
           05  ANI                 PIC X(10).
           05  DISPOSITION         PIC X(8).
           05  AGENT               PIC X(4).
           05  RECORDING           PIC X(22).
           05  WAIT-SECONDS        PIC S9(5) COMP-3.
           05  TALK-SECONDS        PIC S9(5) COMP-3.
           05  WRAP-SECONDS        PIC S9(9) COMP.
